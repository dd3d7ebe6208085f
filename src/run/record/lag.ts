/** Workers that finish in any order, results that are taken in one: so many times the workers must be in flight that hardly any waits for a straggler. */
const perWorker = 2
/** A search shorter than this many lags learns too little of what it found (docs/scale.md#lag). */
const fewestLags = 4

/** The lag that keeps so many workers busy. */
export const advisedLag = (workers: number, usual: number): number =>
  workers <= usual + 1 ? usual : Math.max(usual, perWorker * workers)

/** What a person should know of workers, lag and trials before a search; nothing where they fit. */
export function lagAdvice(workers: number, lag: number, trials: number): string[] {
  const advised = advisedLag(workers, lag)
  const short = (of: number) => trials < fewestLags * of
  if (advised > lag)
    return [
      `${lag} keeps ${lag + 1} of ${workers} workers busy: --lag ${advised} keeps all${short(advised) ? `, and learns enough from ${fewestLags * advised} trials on` : ''}`,
    ]
  return lag > 8 && short(lag)
    ? [
        `${lag} is long for ${trials} trials: most are proposed before much is known; take ${fewestLags * lag} trials or a shorter lag`,
      ]
    : []
}
