import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import type { ExportMeta } from '../../src/export/meta.ts'
import { readTflite } from '../../src/export/tflite-read.ts'
import { writeTflite } from '../../src/export/tflite-write.ts'
import { evaluateReference } from '../../src/quant/reference.ts'
import { TinyfrontError } from '../../src/util/errors.ts'
import { mutate } from '../helpers/mutate.ts'
import { randomModel } from '../helpers/random-model.ts'
import { hasShared, readShared, sharedFiles } from '../helpers/shared.ts'

// compilers and runtimes are slow on a busy machine
vi.setConfig({ testTimeout: 120_000 })

test('what is written is read', () => {
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom({}, { int4: 'some' } as const), (seed, bits) => {
      const model = randomModel(seed, bits)
      expect(readTflite(writeTflite(model))).toEqual({ model })
    }),
    { numRuns: 80 },
  )
})

test('a Buffer inside a larger one is read like any bytes', () => {
  const model = randomModel(7)
  const file = writeTflite(model)
  const buffer = Buffer.concat([Buffer.alloc(5), file]).subarray(5)
  expect(readTflite(buffer).model).toEqual(model)
})

test('labels and input scaling travel in the file', () => {
  const meta: ExportMeta = {
    name: 'kéy',
    labels: ['yes', 'no'],
    normalisation: { offset: [0.5, 1], scale: [2, 4] },
    frontEnd: { window: 480, mel: { bands: 40 } },
  }
  const model = randomModel(3)
  expect(readTflite(writeTflite(model, meta))).toEqual({ model, meta })
})

describe.skipIf(!hasShared)('golden networks of ../shared', () => {
  const files = sharedFiles('tflm-golden', '.tflite')

  test('there are forty', () => expect(files.length).toBe(40))

  test.each(files)('%s: read, written and read again is the same; outputs are TFLite-Micro’s and LiteRT’s', (file) => {
    const { model } = readTflite(readShared(`tflm-golden/${file}`), file)
    expect(isDeepStrictEqual(readTflite(writeTflite(model)).model, model)).toBe(true)
    const golden = JSON.parse(new TextDecoder().decode(readShared(`tflm-golden/${file.replace('.tflite', '.json')}`)))
    const bytes = (base64: string) => new Int8Array(Buffer.from(base64, 'base64'))
    for (const { input, tflm, litert } of golden.vectors) {
      expect(evaluateReference(model, bytes(input), 'tflm').at(-1)).toEqual(bytes(tflm))
      expect(evaluateReference(model, bytes(input), 'xnnpack').at(-1)).toEqual(bytes(litert))
    }
  })

  test.each(sharedFiles('models', '.tflite'))('public model %s is read and survives writing', (file) => {
    const { model } = readTflite(readShared(`models/${file}`), file)
    expect(isDeepStrictEqual(readTflite(writeTflite(model)).model, model)).toBe(true)
  })
})

describe('files from anywhere', () => {
  test('not a .tflite file', () => {
    expect(() => readTflite(new Uint8Array(3), 'x.tflite')).toThrow('x.tflite: not a .tflite file')
    expect(() => readTflite(new TextEncoder().encode('this is text, not a model'))).toThrow(TinyfrontError)
  })

  test('an operator that is not supported is named', () => {
    const model = randomModel(11, { kinds: ['conv2d', 'add'], maxOps: 4 })
    const at = model.graph.ops.findIndex((op) => op.kind === 'add')
    expect(at).toBeGreaterThanOrEqual(0)
    const file = writeTflite(model)
    // the operator code of ADD (version 2, code 0, 8-bit code 0) becomes LOGISTIC's 14
    const codes = locateCode(file, 2, 0)
    new DataView(file.buffer, file.byteOffset).setInt32(codes, 14, true)
    expect(() => readTflite(file, 'net.tflite')).toThrow(`net.tflite: operator ${at} (LOGISTIC) is not supported`)
  })

  test('2,000 damaged files give a model or a message, never a crash', () => {
    for (let seed = 0; seed < 2000; seed++) mutate(seed)
  })
})

/** Byte position of `code` in the table (…, code, version) that our writer lays out: code and version stand side by side. */
function locateCode(file: Uint8Array, version: number, code: number): number {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const found: number[] = []
  // table: offset of the vtable, 3 bytes of padding, the 8-bit code, code, version
  for (let p = 0; p + 16 <= file.length; p += 4) {
    const vtable = p - view.getInt32(p, true)
    if (vtable < 0 || vtable + 4 > file.length) continue
    const isCode = view.getUint16(vtable, true) === 12 && view.getUint16(vtable + 2, true) === 16
    if (isCode && view.getInt32(p + 8, true) === code && view.getInt32(p + 12, true) === version) found.push(p + 8)
  }
  expect(found.length).toBe(1)
  return found[0]!
}
