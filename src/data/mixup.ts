/**
 * mixup (Zhang et al. 2018): row k of a batch and its partner, row count - 1 - k, are blended, in place: `weights[k]` of the partner, for the
 * partner `weights[k]` of row k. Inputs, targets and teacher logits are blended alike.
 */
export function mixRows(values: Float32Array, width: number, count: number, weights: Float32Array): void {
  for (let k = 0, last = count - 1; k < last; k++, last--) {
    const w = weights[k]!
    for (let i = k * width, j = last * width, end = i + width; i < end; i++, j++) {
      const a = values[i]!
      const b = values[j]!
      values[i] = a + w * (b - a)
      values[j] = b + w * (a - b)
    }
  }
}
