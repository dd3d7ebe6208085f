/** Lower triangle L of a positive definite matrix, A = L L'; reads the lower triangle of A. */
export function cholesky(a: readonly Float64Array[]): Float64Array[] {
  const l = a.map((row) => new Float64Array(row.length))
  for (let i = 0; i < a.length; i++) {
    const row = l[i]!
    for (let j = 0; j <= i; j++) {
      const other = l[j]!
      let sum = a[i]![j]!
      for (let k = 0; k < j; k++) sum -= row[k]! * other[k]!
      row[j] = i === j ? Math.sqrt(sum) : sum / other[j]!
    }
  }
  return l
}

/** Solves L x = b. */
export function forward(l: readonly Float64Array[], b: Float64Array): Float64Array {
  const x = Float64Array.from(b)
  for (let i = 0; i < x.length; i++) {
    for (let k = 0; k < i; k++) x[i]! -= l[i]![k]! * x[k]!
    x[i]! /= l[i]![i]!
  }
  return x
}

/** Solves L' x = b. */
export function backward(l: readonly Float64Array[], b: Float64Array): Float64Array {
  const x = Float64Array.from(b)
  for (let i = x.length - 1; i >= 0; i--) {
    for (let k = i + 1; k < x.length; k++) x[i]! -= l[k]![i]! * x[k]!
    x[i]! /= l[i]![i]!
  }
  return x
}
