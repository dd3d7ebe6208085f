import { rng } from '../../util/rng.ts'
import type { Features } from './features.ts'

/** Coordinates of examples on the directions in which they differ most: `scores` is `[count, axes]`; `shares` is the part of all variance on each axis. */
export type Principal = { readonly scores: Float64Array; readonly axes: number; readonly shares: readonly number[] }

/** Products with the data: the first few directions have settled long before. */
const rounds = 12

/** Principal components by orthogonal iteration, which needs no matrix of covariances. */
export function principalComponents({ values, count, size }: Features, wanted: number): Principal {
  const axes = Math.max(1, Math.min(wanted, size, count - 1))
  const centred = centre(values, count, size)
  const random = rng('principal components')
  let basis = orthonormal(
    Float64Array.from({ length: axes * size }, () => random.normal()),
    axes,
    size,
  )
  const scores = new Float64Array(count * axes)
  const project = () => {
    for (let i = 0; i < count; i++)
      for (let a = 0; a < axes; a++) {
        let sum = 0
        for (let k = 0; k < size; k++) sum += centred[i * size + k]! * basis[a * size + k]!
        scores[i * axes + a] = sum
      }
  }
  for (let round = 0; round < rounds; round++) {
    project()
    const next = new Float64Array(axes * size)
    for (let i = 0; i < count; i++)
      for (let a = 0; a < axes; a++) {
        const score = scores[i * axes + a]!
        for (let k = 0; k < size; k++) next[a * size + k]! += score * centred[i * size + k]!
      }
    basis = orthonormal(next, axes, size)
  }
  project()
  const total = centred.reduce((sum, x) => sum + x * x, 0) || 1
  const shares = Array.from({ length: axes }, (_, a) => {
    let sum = 0
    for (let i = 0; i < count; i++) sum += scores[i * axes + a]! * scores[i * axes + a]!
    return sum / total
  })
  return { scores, axes, shares }
}

function centre(values: Float32Array, count: number, size: number): Float64Array {
  const mean = new Float64Array(size)
  for (let i = 0; i < count; i++) for (let k = 0; k < size; k++) mean[k]! += values[i * size + k]! / count
  return Float64Array.from(values, (x, at) => x - mean[at % size]!)
}

/** Gram-Schmidt, twice for the sake of rounding; a direction that is nothing but those before it becomes zero. */
function orthonormal(rows: Float64Array, count: number, size: number): Float64Array {
  const out = rows.slice()
  for (let a = 0; a < count; a++) {
    const row = out.subarray(a * size, (a + 1) * size)
    const before = norm(row)
    for (let twice = 0; twice < 2; twice++)
      for (let b = 0; b < a; b++) {
        const other = out.subarray(b * size, (b + 1) * size)
        let along = 0
        for (let k = 0; k < size; k++) along += row[k]! * other[k]!
        for (let k = 0; k < size; k++) row[k]! -= along * other[k]!
      }
    const length = norm(row)
    const scale = length > 1e-10 * before ? 1 / length : 0
    for (let k = 0; k < size; k++) row[k]! *= scale
  }
  return out
}

const norm = (row: Float64Array): number => Math.sqrt(row.reduce((sum, x) => sum + x * x, 0))
