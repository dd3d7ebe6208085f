import { describe, expect, it } from 'vitest'
import { buildGraph } from '../../src/graph/build.ts'
import { liveBytes, liveness } from '../../src/graph/liveness.ts'

describe('liveness', () => {
  const graph = buildGraph(
    [4, 4, 2],
    [
      { kind: 'softmax', inputs: [0] },
      { kind: 'softmax', inputs: [1] },
      { kind: 'add', inputs: [0, 2], activation: 'none' },
      { kind: 'mean', inputs: [3] },
    ],
  )

  it('keeps a tensor until its last reader has run, and the output to the end', () => {
    const { first, last } = liveness(graph)
    expect([...first]).toEqual([0, 1, 2, 3, 4])
    expect([...last]).toEqual([3, 2, 3, 4, 4])
  })

  it('counts input and output of an operator together', () => {
    expect([...liveBytes(graph)]).toEqual([32, 64, 96, 96, 34])
  })

  it('lets an unread tensor die where it is born', () => {
    const unread = buildGraph(
      [1, 1, 8],
      [
        { kind: 'softmax', inputs: [0] },
        { kind: 'softmax', inputs: [0] },
      ],
    )
    expect([...liveness(unread).last]).toEqual([2, 1, 2])
  })
})
