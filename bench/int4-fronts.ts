/**
 * Fronts of finished studies, those with weights in 4 bits beside those without: the hypervolume over (error, flash) and (error, RAM), of all trials on
 * search-validation and of the polished ones on test; and the members.
 *
 *   npx tsx bench/int4-fronts.ts RESULTS WORST_ERROR FLASH_KB RAM_KB STUDY ...
 */
import { readStudy } from '../src/run/record/open.ts'
import { hypervolume } from '../src/search/hypervolume.ts'

const [results, ...rest] = process.argv.slice(2)
const [worst, flash, ram] = rest.slice(0, 3).map(Number) as [number, number, number]
for (const name of rest.slice(3)) {
  const study = await readStudy(results!, name)
  const id = study.header.targets[0]!.target.id
  const cost = new Map(study.trials().map((t) => [t.n, t.costs[id]!]))
  const trained = study
    .trials()
    .flatMap((t) => (t.score === null || cost.get(t.n)!.violation > 0 ? [] : [{ n: t.n, error: 1 - t.score }]))
  const tested = study.tests().map((t) => ({ n: t.trial, error: 1 - t.int8 }))
  const volume = (points: typeof trained, of: 'flashBytes' | 'ramBytes', most: number) =>
    (
      hypervolume(
        points.map(({ n, error }) => [error, cost.get(n)![of] / 1000]),
        [worst, most],
      ) /
      (worst * most)
    ).toFixed(3)
  const row = (points: typeof trained) =>
    `error-flash ${volume(points, 'flashBytes', flash)} error-RAM ${volume(points, 'ramBytes', ram)}`
  console.log(`${name}\t${trained.length} trials: ${row(trained)}\t${tested.length} tested: ${row(tested)}`)
  for (const { n, error } of tested.sort((a, b) => a.error - b.error)) {
    const trial = study.trials().find((t) => t.n === n)!
    const { flashBytes, ramBytes } = cost.get(n)!
    console.log(`\t#${n}\t${(100 * (1 - error)).toFixed(1)} %\tflash ${flashBytes}\tRAM ${ramBytes}\t${trial.text}`)
  }
}
