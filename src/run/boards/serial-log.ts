import { z } from 'zod'

/** One network that a board timed itself, as its sketch prints it: a JSON line. */
const timed = z.object({
  // names of `calibrate --emit`: never a way out of the folder
  model: z.string().regex(/^[\w.-]+\/[\w.-]+\.tflite$/),
  latencyMs: z.number().positive().max(1e7),
  arenaBytes: z.int().positive().optional(),
})
const wrong = z.object({ model: z.string().max(200), wrong: z.literal(true) })

export type BoardLine =
  | { readonly kind: 'timed'; readonly model: string; readonly latencyMs: number; readonly arenaBytes?: number | undefined }
  /** the board computed something else than it should: its time would mean nothing */
  | { readonly kind: 'wrong'; readonly model: string }

/** What a line of a serial port says; undefined for all that a port prints beside it (boot messages, half a line, noise). */
export function boardLine(text: string): BoardLine | undefined {
  const json = /\{[^{}]*\}/.exec(text)?.[0]
  if (json === undefined || json.length > 1000) return undefined
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return undefined
  }
  const measured = timed.safeParse(value)
  if (measured.success) return { kind: 'timed', ...measured.data }
  const said = wrong.safeParse(value)
  return said.success ? { kind: 'wrong', model: said.data.model } : undefined
}

export type TimedNetwork = {
  readonly model: string
  readonly latencyMs: number
  readonly arenaBytes?: number | undefined
  readonly lines: number
}

/** Each network once, with the median of what was told of it, in the order in which they came; those that computed something else are left out and named. */
export function timedNetworks(lines: Iterable<BoardLine>): {
  readonly timed: readonly TimedNetwork[]
  readonly wrong: readonly string[]
} {
  const told = new Map<string, Extract<BoardLine, { kind: 'timed' }>[]>()
  const bad = new Set<string>()
  for (const line of lines)
    if (line.kind === 'wrong') bad.add(line.model)
    else told.set(line.model, [...(told.get(line.model) ?? []), line])
  const found = [...told].filter(([model]) => !bad.has(model))
  return {
    timed: found.map(([model, all]) => {
      const sorted = all.map((l) => l.latencyMs).sort((a, b) => a - b)
      const { arenaBytes } = all.at(-1)!
      return {
        model,
        latencyMs: sorted[sorted.length >> 1]!,
        ...(arenaBytes === undefined ? {} : { arenaBytes }),
        lines: all.length,
      }
    }),
    wrong: [...bad],
  }
}

/** The table with what a board said: rows of the same network are replaced, all others stay as they are. */
export function withTimed(table: string, networks: readonly TimedNetwork[]): string {
  const rows = table.split(/\r?\n/)
  const head = rows.findIndex((row) => row.trim() !== '' && !row.startsWith('#'))
  const columns = head < 0 ? ['model', 'latencyMs'] : rows[head]!.split(',').map((cell) => cell.trim())
  const wide = columns.includes('arenaBytes') || networks.some((n) => n.arenaBytes !== undefined)
  const header = wide && !columns.includes('arenaBytes') ? [...columns, 'arenaBytes'] : columns
  const fresh = new Set(networks.map((n) => n.model))
  const at = header.indexOf('model')
  const kept = rows.filter((row, i) => i !== head && row.trim() !== '' && !fresh.has(row.split(',')[at]?.trim() ?? ''))
  const cells = ({ model, latencyMs, arenaBytes }: TimedNetwork): Record<string, string> => ({
    model,
    latencyMs: String(latencyMs),
    arenaBytes: arenaBytes === undefined ? '' : String(arenaBytes),
  })
  const added = networks.map((n) => header.map((column) => cells(n)[column] ?? '').join(','))
  return `${[header.join(','), ...kept, ...added].join('\n')}\n`
}
