import { mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeSafetensors, encodeSafetensors } from '../../src/store/safetensors.ts'
import { openWeights } from '../../src/store/weights.ts'
import { resultsFolder } from './study-fixture.ts'

describe('safetensors', () => {
  test('reads a file of the Python library (safetensors 0.8.0)', () => {
    const file = decodeSafetensors(readFileSync(new URL('../fixtures/weights.safetensors', import.meta.url)), 'weights')
    expect(file.shapes).toEqual({ '0/kernel': [2, 3, 2], '0/gamma': [2], scalar: [] })
    expect([...file.tensors['0/kernel']!]).toEqual(Array.from({ length: 12 }, (_, i) => i / 8))
    expect([...file.tensors['0/gamma']!, ...file.tensors.scalar!]).toEqual([1, -2.5, 3.25])
    expect(file.metadata).toEqual({ study: 'digits' })
  })

  test('writes what it reads, bit by bit, and the same bytes for any order of names', () =>
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ minLength: 1 }).filter((s) => !s.startsWith('__')),
          fc.float32Array({ maxLength: 9 }),
        ),
        (tensors) => {
          const bytes = encodeSafetensors(tensors, { metadata: { a: 'ü' } })
          expect((8 + Number(new DataView(bytes.buffer).getBigUint64(0, true))) % 8).toBe(0)
          const again = decodeSafetensors(bytes, 'x')
          expect({ ...again.tensors }).toEqual({ ...tensors })
          expect(again.metadata).toEqual({ a: 'ü' })
          expect(encodeSafetensors(Object.fromEntries(Object.entries(tensors).reverse()), { metadata: { a: 'ü' } })).toEqual(
            bytes,
          )
        },
      ),
    ))

  test('cut or altered headers are store errors that name the file, never crashes', () => {
    const bytes = encodeSafetensors({ a: Float32Array.of(1, 2), b: Float32Array.of(3) })
    for (let cut = 0; cut < bytes.length; cut++)
      expect(() => decodeSafetensors(bytes.subarray(0, cut), 'w.safetensors')).toThrow('w.safetensors: not a safetensors file')
    const text = (header: string) => {
      const json = new TextEncoder().encode(header)
      const file = new Uint8Array(8 + json.length + 8)
      new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true)
      file.set(json, 8)
      return () => decodeSafetensors(file, 'w')
    }
    expect(text('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}')).not.toThrow()
    expect(text('{"a":{"dtype":"F16","shape":[4],"data_offsets":[0,8]}}')).toThrow('type F16')
    expect(text('{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}')).toThrow('3 values do not lie at 0..8')
    expect(text('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}')).toThrow('left over')
    expect(text('{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}')).toThrow('do not lie')
    expect(text('{"a":{"dtype":"F32"}}')).toThrow('no shape')
    expect(text('[1]')).toThrow('not JSON')
  })

  test('a shape that does not hold the values is refused', () => {
    expect(() => encodeSafetensors({ a: Float32Array.of(1) }, { shapes: new Map([['a', [2]]]) })).toThrow(RangeError)
  })
})

describe('weight store', () => {
  const tensors = (seed: number) => ({ a: Float32Array.from({ length: 100 }, (_, i) => i + seed) })
  const file = (seed: number) => encodeSafetensors(tensors(seed))

  test('equal weights are one file under the hash of its bytes', async () => {
    const store = openWeights(resultsFolder(), { capBytes: 1e6 })
    const address = await store.put(file(1))
    expect(await store.put(file(1))).toBe(address)
    expect(await store.put(file(2))).not.toBe(address)
    expect(store.get(address).tensors).toEqual(tensors(1))
    expect(store.has(address)).toBe(true)
    expect(store.has('0'.repeat(64))).toBe(false)
  })

  test('a missing or altered file is a store error', async () => {
    const store = openWeights(resultsFolder(), { capBytes: 1e6 })
    const address = await store.put(file(1))
    const bytes = readFileSync(store.path(address))
    bytes[bytes.length - 1]! ^= 1
    writeFileSync(store.path(address), bytes)
    expect(() => store.get(address)).toThrow('its bytes are not those that were stored')
    expect(() => store.get('ab')).toThrow('missing')
  })

  test('over the cap the oldest go first, and never those on a front', async () => {
    const folder = resultsFolder()
    const size = file(0).length
    const store = openWeights(folder, { capBytes: 2 * size })
    const addresses: string[] = []
    for (let i = 0; i < 5; i++) {
      addresses.push(await store.put(file(i)))
      utimesSync(store.path(addresses[i]!), i, i)
    }
    expect(statSync(store.path(addresses[0]!)).size).toBe(size)
    expect(store.collect(new Set([addresses[0]!, addresses[2]!]))).toEqual([addresses[1], addresses[3], addresses[4]])
    expect(store.collect(new Set())).toEqual([])
    const kept = [addresses[0]!, addresses[2]!]
    kept.push(await store.put(file(9)))
    expect(store.collect(new Set(kept))).toEqual([]) // three kept ones exceed the cap and stay
    expect(kept.every(store.has)).toBe(true)
  })

  test('a folder that cannot be written is a store error', async () => {
    const folder = resultsFolder()
    mkdirSync(join(folder, 'study'))
    writeFileSync(join(folder, 'study', 'weights'), 'a file in the way')
    await expect(openWeights(join(folder, 'study'), { capBytes: 1 }).put(file(1))).rejects.toMatchObject({ kind: 'store' })
  })
})
