/** p[0..n) = value */
export function fill(n: i32, p: usize, value: f32): void {
  const end = p + ((<usize>n) << 2)
  for (; p < end; p += 4) store<f32>(p, value)
}
