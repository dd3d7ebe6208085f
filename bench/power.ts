/** Power of boards from published energies, and how well the model foresees a submission that it did not see: `npx tsx bench/power.ts`. */
import { readCsv } from './fit/data.ts'

type Run = {
  readonly board: string
  readonly mhz: number
  readonly runtime: string
  readonly volts: number | null
  readonly regulator: string
  readonly mw: number
  readonly submission: string
}

/** Versions of ST's tool by the runtimes that the fit knows. */
function runtimeOf(name: string): string {
  const st = /X-CUBE-AI (\d+)/.exec(name)
  if (st) return Number(st[1]) <= 7 ? 'x-cube-ai-7' : Number(st[1]) >= 9 ? 'st-edge-ai' : 'x-cube-ai'
  if (/TFLM 2\.3\.1/.test(name)) return 'tflm-reference'
  return name.slice(0, 16)
}

const runs = readCsv('latency/measurements.csv').flatMap((row): Run[] => {
  const [ms, uj] = [Number(row.latency_ms), Number(row.energy_uj)]
  // energy that was taken at another throughput than the latency says nothing of the power
  if (!(ms > 0) || !(uj > 0) || /different throughput|another mode/.test(row.notes ?? '')) return []
  const supply = /supply: ([\d.]+) V([^;]*)/.exec(row.notes ?? '')
  const kind = supply?.[2] ?? ''
  const regulator = /external SMPS/.test(kind) ? 'external-smps' : /SMPS/.test(kind) ? 'smps' : supply ? 'ldo' : 'unknown'
  const submission = `${row.device} ${row.runtime} ${supply?.[1] ?? '?'} ${/submitter (\w+)/.exec(row.notes ?? '')?.[1] ?? ''}`
  return [
    {
      board: row.device!,
      mhz: Number(row.clock_mhz),
      runtime: runtimeOf(row.runtime!),
      volts: supply ? Number(supply[1]) : null,
      regulator,
      mw: uj / ms,
      submission,
    },
  ]
})

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
const groups = new Map<string, Run[]>()
for (const run of runs) {
  const key = [run.board, run.mhz, run.regulator, run.volts ?? '?', run.runtime].join(' ')
  groups.set(key, [...(groups.get(key) ?? []), run])
}
for (const [key, of] of groups) {
  const mws = of.map((r) => r.mw)
  console.log(
    `${key.padEnd(52)} ${mean(mws).toFixed(1).padStart(6)} mW  ${Math.min(...mws).toFixed(1)} to ${Math.max(...mws).toFixed(1)}, ${of.length} runs`,
  )
}

/** Milliwatts of a run from those of other submissions: same regulator, the same runtime where there is one, voltage as the model has it. */
function foreseen(run: Run, others: readonly Run[]): number | undefined {
  const fed = others.filter((r) => r.board === run.board && r.mhz === run.mhz && r.regulator === run.regulator)
  if (fed.length === 0) return undefined
  const own = fed.filter((r) => r.runtime === run.runtime)
  const at = (r: Run) => (r.regulator === 'ldo' && r.volts && run.volts ? (r.mw * run.volts) / r.volts : r.mw)
  return mean((own.length > 0 ? own : fed).map(at))
}

const errors = runs
  .filter((r) => r.volts !== null)
  .flatMap((run) => {
    const guess = foreseen(
      run,
      runs.filter((r) => r.submission !== run.submission),
    )
    return guess === undefined ? [] : [Math.abs(guess / run.mw - 1)]
  })
errors.sort((a, b) => a - b)
console.log(
  `submission left out, supply stated: ${errors.length} runs, mean ${(100 * mean(errors)).toFixed(1)} %, 90 % within ${(100 * errors[Math.floor(0.9 * errors.length)]!).toFixed(1)} %, worst ${(100 * errors.at(-1)!).toFixed(1)} %`,
)
