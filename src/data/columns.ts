import { usageError } from '../util/errors.ts'
import { columnOf, noColumn, type Table } from './read/table.ts'
import { timeLike } from './recording.ts'

/** What the columns of a table are for. */
export type Columns = {
  readonly labels: readonly number[]
  /** What the network sees. */
  readonly channels: readonly number[]
  readonly split: number | undefined
  readonly group: number | undefined
  /** Counts time, and never runs back. */
  readonly time: number | undefined
  /** Columns that are none of these, with the reason. */
  readonly leftOut: readonly string[]
}

const usualLabels = /^(label|labels|class|target|activity|category|y)$/i
const usualSplits = /^(split|set|subset|fold)$/i
const usualGroups = /^(group|speaker|subject|machine|session|user|person|patient|participant)(_?id)?$/i
const dateLike = /^(date|datetime|date_?time|.*_date)$/i
const rowLike = /^(|id|_id|uid|uuid|unnamed: ?0|__index_level_0__|row_?id|example_?id|sample_?id)$/i
const missing = /^(|na|n\/a|nan|null|none|\?)$/i

/** A cell as a number: null where nothing stands in it, undefined where it is a word. */
export function cellNumber(cell: string): number | null | undefined {
  if (missing.test(cell)) return null
  const value = Number(cell)
  if (Number.isFinite(value)) return value
  return /^true$/i.test(cell) ? 1 : /^false$/i.test(cell) ? 0 : undefined
}

/** Columns by name or number; undefined = as they are guessed. */
type Names = readonly (string | number)[] | undefined

type Kind = { readonly numbers: number; readonly words: number; readonly distinct: number }

/** Roles by the columns' usual names and by what stands in them. `wanted` names the label, `seen` what the network sees. @throws TinyfrontError where no label can be told. */
export function columnsOf(table: Table, wanted: Names, file: string, seen?: Names): Columns {
  const width = table.rows[0]?.length ?? 0
  const names = Array.from({ length: width }, (_, c) => table.header?.[c] ?? '')
  const kinds = names.map((_, c) => kindOf(table, c))
  const named = (pattern: RegExp) => {
    const at = table.header ? names.findIndex((name, c) => pattern.test(name) && !wanted?.includes(names[c]!)) : -1
    return at < 0 ? undefined : at
  }
  const [split, group] = [named(usualSplits), named(usualGroups)]
  const times = names.flatMap((name, c) => (table.header && (timeLike.test(name) || dateLike.test(name)) ? [c] : []))
  const set = new Set([split, group, ...times])
  const labels = wanted ? wanted.map((name) => need(table, name, file)) : [guessLabel(table, names, kinds, set, file)]
  const leftOut: string[] = []
  const given = seen?.map((name) => need(table, name, file))
  const guessed = names.flatMap((name, c) => {
    if (labels.includes(c) || c === split || c === group) return []
    if (times.includes(c)) leftOut.push(`${name} (time)`)
    else if (table.header && rowLike.test(name)) leftOut.push(`${name || `column ${c}`} (counts rows)`)
    else if (kinds[c]!.words > 0) leftOut.push(`${name || `column ${c}`} (text)`)
    else if (kinds[c]!.numbers < table.rows.length / 2) leftOut.push(`${name || `column ${c}`} (mostly empty)`)
    else return [c]
    return []
  })
  const channels = given ?? guessed
  if (channels.length === 0)
    throw usageError(`${file}: no column of numbers beside the label`, 'a table needs a column of numbers for each input')
  const time = times.find((c) => !labels.includes(c) && isSorted(table, c))
  return { labels, channels, split, group, time, leftOut: given ? [] : leftOut }
}

function kindOf({ rows }: Table, column: number): Kind {
  const distinct = new Set<string>()
  let [numbers, words] = [0, 0]
  for (const row of rows) {
    const cell = row[column] ?? ''
    const value = cellNumber(cell)
    if (value === undefined) words++
    else if (value !== null) numbers++
    if (distinct.size <= mostClasses) distinct.add(cell)
  }
  return { numbers, words, distinct: distinct.size }
}

/** Different values up to which a column may be a class. */
const mostClasses = 200

/** By its usual name; else the only column of words; else, in a table without a header, the last or the first that could be classes. */
function guessLabel(
  table: Table,
  names: readonly string[],
  kinds: readonly Kind[],
  others: ReadonlySet<number | undefined>,
  file: string,
): number {
  const free = names.flatMap((_, c) => (others.has(c) ? [] : [c]))
  const usual = table.header ? free.filter((c) => usualLabels.test(names[c]!)) : []
  if (usual.length === 1) return usual[0]!
  const few = (c: number) => kinds[c]!.distinct >= 2 && kinds[c]!.distinct <= Math.min(mostClasses, table.rows.length / 5)
  const words = free.filter((c) => kinds[c]!.words > 0 && few(c))
  if (usual.length === 0 && words.length === 1) return words[0]!
  if (!table.header) {
    const ends = [names.length - 1, 0].filter((c) => few(c) && table.rows.every((row) => /^-?\d+(\.0+)?$/.test(row[c] ?? '')))
    if (ends.length > 0) return ends[0]!
  }
  const known = table.header ? names.join(', ') : `0 to ${names.length - 1}`
  throw usageError(
    `${file}: which column is the label cannot be told`,
    `pass --label COLUMN (or "label" in dataset.json); its columns are ${known.length > 300 ? `${known.slice(0, 300)}...` : known}`,
  )
}

function need(table: Table, name: string | number, file: string): number {
  const at = columnOf(table, name) ?? (/^\d+$/.test(String(name)) ? columnOf(table, Number(name)) : undefined)
  if (at !== undefined) return at
  throw noColumn(table, name, file)
}

/** Numbers as numbers, dates as they are written: ISO dates sort as text. */
function isSorted({ rows }: Table, column: number): boolean {
  for (let r = 1; r < rows.length; r++) {
    const [a, b] = [rows[r - 1]![column]!, rows[r]![column]!]
    const [x, y] = [Number(a), Number(b)]
    if (Number.isFinite(x) && Number.isFinite(y) ? x > y : a > b) return false
  }
  return rows.length > 1
}

/** Whether labels are numbers to be predicted and not names of classes: fractions, or many values that do not simply count. */
export function looksContinuous(texts: readonly string[]): boolean {
  const distinct = new Set(texts)
  const values = [...distinct].map(cellNumber)
  if (values.some((v) => v === undefined)) return false
  const numbers = values.filter((v): v is number => typeof v === 'number')
  if (numbers.length <= 2) return false
  if (numbers.some((v) => !Number.isInteger(v))) return true
  const least = Math.min(...numbers)
  const counts = (least === 0 || least === 1) && Math.max(...numbers) - least + 1 === numbers.length
  return numbers.length > 20 && !(counts && texts.length >= 5 * numbers.length)
}

/**
 * Whether rows follow each other in time though no column says so: their class lasts twice as long as in shuffled rows, and comes back again and again
 * (rows sorted by class do not).
 */
export function lastsInTime(table: Table, label: number): boolean {
  const counts = new Map<string, number>()
  for (const row of table.rows) counts.set(row[label]!, (counts.get(row[label]!) ?? 0) + 1)
  const rows = table.rows.length
  const runs = rows / labelRun(table, label)
  const shuffled = rows * (1 - [...counts.values()].reduce((sum, n) => sum + (n / rows) * (n / rows), 0))
  return runs > 3 * counts.size && runs < shuffled / 2
}

/** Rows that keep their label, on average, before it changes. */
export function labelRun({ rows }: Table, label: number): number {
  const changes = rows.reduce((n, row, r) => n + (r > 0 && row[label] !== rows[r - 1]![label] ? 1 : 0), 0)
  return rows.length / (changes + 1)
}

/** How a row of these columns is best seen: a picture, a stretch of time, or numbers side by side. */
export function layoutOf(
  table: Table,
  channels: readonly number[],
): { shape: [number, number, number]; kind: 'image' | 'series' } {
  const n = channels.length
  const side = Math.round(Math.sqrt(n))
  const names = channels.map((c) => /^(.*?)[ _.-]?(\d+)$/.exec(table.header?.[c] ?? ''))
  const numbered = names.every(
    (m, k) => m !== null && m[1] === names[0]![1] && (k === 0 || Number(m[2]) === Number(names[k - 1]![2]) + 1),
  )
  const square = n >= 64 && side * side === n
  const bytes = () =>
    table.rows.every((row) => channels.every((c) => /^\d{1,3}(\.0+)?$/.test(row[c] ?? '') && Number(row[c]) < 256))
  if (square && (table.header ? numbered && /^(p|px|pix|pixel|pixels|image|img)$/i.test(names[0]![1]!) : bytes()))
    return { shape: [side, side, 1], kind: 'image' }
  if (n >= 16 && (table.header ? numbered : n >= 64)) return { shape: [n, 1, 1], kind: 'series' }
  return { shape: [1, 1, n], kind: 'series' }
}
