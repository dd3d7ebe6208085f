import { bytes } from './simd'

// Losses and their gradients in double precision on a handful of logits. exp and log are AssemblyScript's NativeMath (ports of musl),
// compiled into the module: the same bits everywhere.

/** log of the sum of exp(logits / temperature). */
function logSumExp(K: i32, logits: usize, temperature: f64): f64 {
  let top: f64 = -Infinity
  for (let k = 0; k < K; k++) top = max(top, <f64>load<f32>(logits + bytes(k)))
  let sum: f64 = 0
  for (let k = 0; k < K; k++) sum += NativeMath.exp((<f64>load<f32>(logits + bytes(k)) - top) / temperature)
  return top / temperature + NativeMath.log(sum)
}

/**
 * alpha * cross entropy(targets) + (1 - alpha) * T^2 * KL(teacher || student), mean over `count` examples; `teacher` = 0: cross entropy only.
 * Targets are probabilities, smoothed by q = (1 - s) t + s / K. classWeights (0: none) weigh an example by sum t_k w_k.
 */
export function crossEntropy(
  count: i32, K: i32, logits: usize, targets: usize, smoothing: f64, classWeights: usize, teacher: usize, alpha: f64, temperature: f64,
  gradient: usize,
): f64 {
  let loss: f64 = 0
  const size = bytes(K)
  const hard: f64 = teacher ? alpha : 1
  for (let n = 0; n < count; n++, logits += size, targets += size, gradient += size) {
    let weight: f64 = 1
    if (classWeights) {
      weight = 0
      for (let k = 0; k < K; k++) weight += <f64>load<f32>(targets + bytes(k)) * <f64>load<f32>(classWeights + bytes(k))
    }
    weight *= hard
    const norm = logSumExp(K, logits, 1)
    let mass: f64 = 0
    for (let k = 0; k < K; k++) {
      const q = (1 - smoothing) * <f64>load<f32>(targets + bytes(k)) + smoothing / <f64>K
      mass += q
      if (q != 0) loss += weight * q * (norm - <f64>load<f32>(logits + bytes(k)))
    }
    for (let k = 0; k < K; k++) {
      const q = (1 - smoothing) * <f64>load<f32>(targets + bytes(k)) + smoothing / <f64>K
      const p = NativeMath.exp(<f64>load<f32>(logits + bytes(k)) - norm)
      store<f32>(gradient + bytes(k), <f32>((weight * (p * mass - q)) / <f64>count))
    }
    if (teacher) {
      loss += distil(K, logits, teacher, (1 - alpha) * temperature, temperature, count, gradient)
      teacher += size
    }
  }
  return loss / <f64>count
}

/** Adds weight * T * KL(teacher || student) at temperature T; the gradient is weight * (student - teacher). */
function distil(K: i32, logits: usize, teacher: usize, weight: f64, T: f64, count: i32, gradient: usize): f64 {
  let loss: f64 = 0
  const student = logSumExp(K, logits, T)
  const master = logSumExp(K, teacher, T)
  for (let k = 0; k < K; k++) {
    const logS = <f64>load<f32>(logits + bytes(k)) / T - student
    const logT = <f64>load<f32>(teacher + bytes(k)) / T - master
    const t = NativeMath.exp(logT)
    loss += t * (logT - logS)
    const g = <f64>load<f32>(gradient + bytes(k)) + (weight * (NativeMath.exp(logS) - t)) / <f64>count
    store<f32>(gradient + bytes(k), <f32>g)
  }
  return weight * T * loss
}

/**
 * share * mean over examples and outputs of the Huber loss of (output - target); delta = Infinity is half the square, and `scale` doubles
 * it to the mean squared error. `add`: the gradient is added (a second target: the teacher).
 */
export function huber(count: i32, K: i32, outputs: usize, targets: usize, delta: f64, scale: f64, add: i32, gradient: usize): f64 {
  let loss: f64 = 0
  const n = count * K
  const share = scale / <f64>n
  for (let i = 0; i < n; i++) {
    const at = bytes(i)
    const e = <f64>load<f32>(outputs + at) - <f64>load<f32>(targets + at)
    const size = abs(e)
    loss += size <= delta ? 0.5 * e * e : delta * (size - 0.5 * delta)
    const g = share * min(max(e, -delta), delta)
    store<f32>(gradient + at, <f32>(add ? <f64>load<f32>(gradient + at) + g : g))
  }
  return share * loss
}

/** Probabilities in place, K classes a row. */
export function softmax(count: i32, K: i32, x: usize): void {
  for (let n = 0; n < count; n++, x += bytes(K)) {
    const norm = logSumExp(K, x, 1)
    for (let k = 0; k < K; k++) store<f32>(x + bytes(k), <f32>NativeMath.exp(<f64>load<f32>(x + bytes(k)) - norm))
  }
}
