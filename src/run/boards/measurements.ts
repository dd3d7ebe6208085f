import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import type { Measurement } from '../../device/calibrate.ts'
import { nearestName, TinyfrontError, usageError } from '../../util/errors.ts'
import { faultText } from '../../util/faults.ts'
import { hashJson } from '../../util/hash.ts'
import { readModelFile } from './model-file.ts'

/** One line of a table of measurements. `arenaBytes`: RAM that the runtime took, null where it was not measured. */
export type MeasuredRow = Measurement & { readonly model: string; readonly arenaBytes: number | null }

/** Networks without which a fit says nothing: two are left when one is left out. */
const fewestNetworks = 3

const header = 'model,latencyMs[,arenaBytes]'
const number = z.coerce.number('is not a number')
const latency = number.positive('must be more than 0 milliseconds')
const bytes = z.union([
  z.literal('').transform(() => null),
  number.int('must be whole bytes').positive('must be more than 0 bytes'),
])

/** Measurements of one board: a CSV file with the columns of `header`; `model` is a .tflite file or a layer structure, relative to the table. */
export function readMeasurements(file: string): MeasuredRow[] {
  const records = readTable(file)
  const rows = records.map(({ record, line }): MeasuredRow => {
    const at = `${file} line ${line}`
    const model = record.model ?? ''
    return {
      model,
      graph: graphOf(model, file, at),
      latencyMs: read(
        latency,
        record.latencyMs ?? '',
        `${at}: latencyMs`,
        'write the time of one inference in milliseconds, such as 12.5',
      ),
      arenaBytes: read(bytes, record.arenaBytes ?? '', `${at}: arenaBytes`, 'write the bytes of RAM, or leave the column empty'),
    }
  })
  const networks = new Set(rows.map((r) => hashJson(r.graph))).size
  if (networks < fewestNetworks)
    throw usageError(
      `${file}: ${networks} ${networks === 1 ? 'network' : 'different networks'}, at least ${fewestNetworks} are needed`,
      'measure more: tinyfront calibrate --emit DIR writes small ones',
    )
  return rows
}

type Numbered = { readonly record: Readonly<Record<string, string>>; readonly line: number }

function readTable(file: string): Numbered[] {
  let records: { record: Record<string, string>; info: { lines: number } }[]
  try {
    records = parse(readFileSync(file, 'utf8'), {
      columns: true,
      info: true,
      bom: true,
      trim: true,
      skip_empty_lines: true,
      comment: '#',
    }) as unknown as typeof records
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === undefined || code.startsWith('CSV'))
      throw usageError(`${file}: not a table: ${message.split('\n')[0]}`, `write a CSV file with the columns ${header}`, cause)
    throw usageError(
      `${file}: cannot be read: ${faultText(cause)}`,
      `give the path of a CSV file with the columns ${header}`,
      cause,
    )
  }
  const columns = Object.keys(records[0]?.record ?? {})
  const known = ['model', 'latencyMs', 'arenaBytes']
  for (const needed of ['model', 'latencyMs'])
    if (!columns.includes(needed)) {
      const near = nearestName(needed, columns)
      throw usageError(
        `${file}: ${columns.length === 0 ? 'no rows' : `no column ${needed}`}`,
        near ? `rename the column ${near}; the header is ${header}` : `write the header ${header} and a line for each network`,
      )
    }
  const strange = columns.find((c) => !known.includes(c))
  if (strange !== undefined) throw usageError(`${file}: unknown column ${strange}`, `the header is ${header}`)
  return records.map(({ record, info }) => ({ record, line: info.lines }))
}

function graphOf(model: string, file: string, at: string) {
  if (!/\.(tflite|json)$/.test(model))
    throw usageError(
      `${at}: "${model}" names no model`,
      `write the path of a .tflite file or a layer structure (.json), relative to ${file}`,
    )
  try {
    const { graph, dtype } = readModelFile(resolve(dirname(file), model))
    if (dtype !== 'int8')
      throw usageError(`${model} computes in ${dtype}`, 'time int8 models: kernels for other types cost something else')
    return graph
  } catch (error) {
    if (error instanceof TinyfrontError) throw usageError(`${at}: ${error.message}`, error.remedy, error)
    throw error
  }
}

function read<T>(schema: z.ZodType<T>, text: string, at: string, remedy: string): T {
  const result = schema.safeParse(text)
  if (result.success) return result.data
  throw usageError(`${at}: "${text}" ${result.error.issues[0]!.message}`, remedy)
}
