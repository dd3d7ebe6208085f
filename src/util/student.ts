/** 95 % quantile of the normal distribution: nine values in ten lie within so many standard deviations. */
export const normal95 = 1.6448536269514722

/**
 * 95 % quantile of Student's t with `dof` degrees of freedom (at least 1): half of a 90 % interval, in standard deviations that were estimated from so
 * few values. Exact for 1 and 2; else the expansion about the normal one (Abramowitz & Stegun 26.7.5), within 0.3 %.
 */
export function student95(dof: number): number {
  if (dof < 2) return 6.313751514675043
  if (dof < 3) return 2.919985580355516
  const z = normal95
  const z2 = z * z
  const first = (z * (z2 + 1)) / 4
  const second = (z * (3 + z2 * (16 + 5 * z2))) / 96
  const third = (z * (-15 + z2 * (17 + z2 * (19 + 3 * z2)))) / 384
  return z + (first + (second + third / dof) / dof) / dof
}
