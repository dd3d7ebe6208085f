import { basename } from 'node:path'
import type { Shape } from '../graph/graph.ts'
import { usageError } from '../util/errors.ts'
import { readLabels } from './collect.ts'
import { type Decoded, type GivenName, givenNames, sharedBytes, sharedFloats } from './decoded.ts'
import { indispensable } from './indispensable.ts'
import { classNamesOf, type Placed } from './manifest.ts'
import { BadFile, checkTotal } from './read/limits.ts'
import { type NdArray, readNdArray } from './read/npy.ts'
import { readZip } from './read/zip.ts'

type Part = { readonly split: GivenName; readonly inputs: NdArray; readonly labels: NdArray }

const inputNames = /^(x|data|images?|features?|inputs?|samples|arr_0)$/
const labelNames = /^(y|labels?|targets?|classes|arr_1)$/

/** NumPy's archive of arrays: inputs and labels under their usual names (`x_train`, `train_images`, `X`, `y`, ...). @throws BadFile */
export function readNpz(bytes: Uint8Array): Part[] {
  const inputs = new Map<GivenName, NdArray>()
  const labels = new Map<GivenName, NdArray>()
  const files = readZip(bytes).filter(({ path }) => path.endsWith('.npy'))
  for (const { path, data } of files) {
    const name = path.replace(/\.npy$/, '').toLowerCase()
    const word = /^(train|val|valid|test)_|_(train|val|valid|test)$/.exec(name)
    const split = givenNames.find((given) => (word?.[1] ?? word?.[2])?.startsWith(given)) ?? 'none'
    const rest = word ? name.replace(word[0], '') : name
    if (inputNames.test(rest)) inputs.set(split, readNdArray(data))
    else if (labelNames.test(rest)) labels.set(split, readNdArray(data))
  }
  const parts = givenNames.flatMap((split): Part[] => {
    const [x, y] = [inputs.get(split), labels.get(split)]
    return x && y ? [{ split, inputs: x, labels: y }] : []
  })
  if (parts.length === 0)
    throw new BadFile(
      `arrays ${files.map(({ path }) => path).join(', ') || 'none'}; read are x and y, or x_train, y_train, x_test, y_test`,
    )
  for (const { inputs: x, labels: y } of parts) {
    if (x.dims.length < 2 || x.dims.length > 4) throw new BadFile(`inputs of shape (${x.dims.join(', ')})`)
    if (x.dims[0] !== y.dims[0] || y.dims.length > 2)
      throw new BadFile(`inputs (${x.dims.join(', ')}), but labels (${y.dims.join(', ')})`)
    if (x.dims.slice(1).join() !== parts[0]!.inputs.dims.slice(1).join()) throw new BadFile('inputs of different shapes')
  }
  return parts
}

/** What the inputs are by their rank: bytes and anything of four dimensions are pictures, the rest is a stretch of time or numbers side by side. */
export function layoutOfArray({ dims, isBytes }: NdArray): { kind: 'image' | 'series'; shape: Shape; channelsFirst: boolean } {
  const [, a = 1, b = 1, c = 1] = dims
  if (dims.length === 2) return { kind: 'series', shape: a >= 64 ? [a, 1, 1] : [1, 1, a], channelsFirst: false }
  if (dims.length === 3)
    return isBytes
      ? { kind: 'image', shape: [a, b, 1], channelsFirst: false }
      : { kind: 'series', shape: [a, 1, b], channelsFirst: false }
  const channelsFirst = (a === 1 || a === 3) && c !== 1 && c !== 3
  return { kind: 'image', shape: channelsFirst ? [b, c, a] : [a, b, c], channelsFirst }
}

/** The labels of an array as texts: a class or numbers each; one column per class of which one is 1 is a class. */
export function labelTexts({ dims, textAt, at }: NdArray): string[][] {
  const [count, width = 1] = dims as readonly [number, number?]
  const rows = Array.from({ length: count }, (_, i) => Array.from({ length: width }, (_, k) => i * width + k))
  const oneHot =
    width > 1 && rows.every((row) => row.every((k) => at(k) === 0 || at(k) === 1) && row.filter((k) => at(k) === 1).length === 1)
  return rows.map((row) => (oneHot ? [String(row.findIndex((k) => at(k) === 1))] : row.map(textAt)))
}

export async function loadNpz(placed: Placed): Promise<Decoded> {
  const parts = await indispensable(placed.path, readNpz)
  const { kind, shape, channelsFirst } = layoutOfArray(parts[0]!.inputs)
  const size = shape[0] * shape[1] * shape[2]
  const count = parts.reduce((sum, { inputs }) => sum + inputs.dims[0]!, 0)
  const bytes = kind === 'image' && parts.every(({ inputs }) => inputs.isBytes)
  checkTotal(count, size * (bytes ? 1 : 4), placed.path)
  const samples = bytes ? sharedBytes(count * size) : sharedFloats(count * size)
  const [height, width, channels] = shape
  const plane = height * width
  let from = 0
  for (const { inputs } of parts) {
    const length = inputs.dims[0]! * size
    for (let k = 0; k < length; k++) {
      const within = k % size
      const source = channelsFirst ? k - within + (within % channels) * plane + Math.floor(within / channels) : k
      const value = inputs.at(source)
      if (!Number.isFinite(value))
        throw usageError(`${placed.path}: example ${Math.floor(k / size)} has a value that is no number`, 'mend it')
      samples[from + k] = value
    }
    from += length
  }
  const names = classNamesOf(placed)
  const texts = parts.flatMap(({ labels }) => labelTexts(labels)).map((row) => row.map((text) => names?.[Number(text)] ?? text))
  const given = parts.flatMap(({ split, inputs }) => new Array<number>(inputs.dims[0]!).fill(givenNames.indexOf(split)))
  return {
    name: placed.manifest.name ?? basename(placed.path),
    kind: placed.manifest.kind,
    shape,
    ...readLabels(texts, placed.manifest.task),
    samples,
    ...(given.some((g) => g > 0) ? { given: Uint8Array.from(given) } : {}),
    frontEnd: bytes
      ? { kind: 'image', height, width, channels: channels === 3 ? 'rgb' : 'gray', range: '0..255' }
      : { kind: 'table', shape },
    unreadable: [],
    notes: channelsFirst ? ['channels stood first: they were brought to the end'] : [],
  }
}
