import { describe, expect, it } from 'vitest'
import { normal95, student95 } from '../../src/util/student.ts'

describe('student95', () => {
  // any table of Student's t, one-sided 5 %
  it.each([
    [1, 6.3138],
    [2, 2.92],
    [3, 2.3534],
    [4, 2.1318],
    [5, 2.015],
    [7, 1.8946],
    [10, 1.8125],
    [20, 1.7247],
    [60, 1.6706],
  ])('%d degrees of freedom: %d', (dof, quantile) => expect(student95(dof) / quantile).toBeCloseTo(1, 2))

  it('falls to the normal quantile', () => {
    for (let dof = 1; dof < 200; dof++) expect(student95(dof + 1)).toBeLessThan(student95(dof))
    expect(student95(1e6)).toBeCloseTo(normal95, 5)
  })
})
