import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { writeTflite } from '../../src/export/tflite-write.ts'
import { packageRoot } from '../../src/util/package-root.ts'
import { cli } from '../helpers/cli.ts'
import { floatTflite } from '../helpers/float-tflite.ts'
import { randomModel } from '../helpers/random-model.ts'
import { hasShared, sharedFiles, sharedPath } from '../helpers/shared.ts'

const folder = mkdtempSync(join(tmpdir(), 'tinyfront-profile-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const put = (name: string, data: string | Uint8Array): string => {
  writeFileSync(join(folder, name), data)
  return join(folder, name)
}
const conv = (index: number, side: number, from: number, to: number, more: object = {}) => ({
  op: 'CONV_2D',
  inputs: [index],
  outputs: [index + 1],
  input_shapes: [[1, side, side, from]],
  output_shapes: [[1, side, side, to]],
  kernel: [3, 3],
  stride: [1, 1],
  padding: 'SAME',
  activation: 'RELU',
  ...more,
})
const head = (index: number, side: number, channels: number) => [
  {
    op: 'MEAN',
    inputs: [index],
    outputs: [index + 1],
    input_shapes: [[1, side, side, channels]],
    output_shapes: [[1, channels]],
  },
  { op: 'FULLY_CONNECTED', inputs: [index + 1], outputs: [index + 2], input_shapes: [[1, channels]], output_shapes: [[1, 4]] },
]
const structure = (name: string, layers: object[], side = 32) =>
  put(name, JSON.stringify({ name, inputs: [{ id: 0, shape: [1, side, side, 3] }], layers }))
const net = structure('net.json', [conv(0, 32, 3, 8), conv(1, 32, 8, 8)])
const model = put('net.tflite', writeTflite(randomModel('profile', { maxSide: 16 })))

/** What docs/json.md promises: these keys with these types; others may come. */
const contract = z.looseObject({
  schemaVersion: z.literal(1),
  model: z.string(),
  targets: z
    .array(
      z.looseObject({
        target: z.string(),
        fits: z.boolean(),
        latencyMs: z.number().positive(),
        latencyLowMs: z.number().positive(),
        latencyHighMs: z.number().positive(),
        calibrated: z.boolean(),
        rows: z.int().nonnegative(),
        ramBytes: z.int().positive(),
        flashBytes: z.int().positive(),
        energyUj: z.number().positive().nullable(),
        perOp: z
          .array(
            z.looseObject({
              index: z.int(),
              kind: z.string(),
              latencyMs: z.number().nonnegative(),
              macs: z.int().nonnegative(),
              weightBytes: z.int().nonnegative(),
              scratchBytes: z.int().nonnegative(),
            }),
          )
          .min(1),
      }),
    )
    .min(1),
})

describe('profile --json', () => {
  it('keeps its contract on every listed board', async () => {
    const { code, out, err } = await cli('profile', model, '--json')
    expect([code, err]).toEqual([0, ''])
    const document = contract.parse(JSON.parse(out))
    expect(document.model).toBe('net.tflite')
    expect(document.targets.length).toBeGreaterThanOrEqual(30)
    expect(Object.keys(document.targets[0]!).slice(0, 11)).toEqual(
      'target fits latencyMs latencyLowMs latencyHighMs calibrated rows ramBytes flashBytes energyUj perOp'.split(' '),
    )
    for (const t of document.targets) {
      expect(t.latencyLowMs).toBeLessThan(t.latencyMs)
      expect(t.latencyHighMs).toBeGreaterThan(t.latencyMs)
      expect(t.rows > 0).toBe(t.calibrated)
    }
  })

  it('of a float model: that of its int8 twin, and it says so', async () => {
    const model8 = writeTflite(randomModel('profile', { maxSide: 16, kinds: ['conv2d', 'depthwise', 'mean', 'dense'] }))
    const twins = [put('twin.tflite', model8), put('float.tflite', floatTflite(model8))]
    const profileOf = async (file: string) =>
      JSON.parse((await cli('profile', file, '--device', 'stm32f446,rp2040', '--json')).out)
    const int8 = await profileOf(twins[0]!)
    const float = await profileOf(twins[1]!)
    expect([int8.dtype, float.dtype]).toEqual(['int8', 'float32'])
    const withoutFile = ({ targets, ...document }: { targets: { flashBytes: number; model: object }[] }) => ({
      ...document,
      targets: targets.map(({ flashBytes, model, ...rest }) => rest),
    })
    expect(withoutFile(float)).toEqual({ ...withoutFile(int8), model: 'float.tflite', dtype: 'float32' })
    expect(float.targets[0].model.of).toBe('file as tinyfront writes it')
    const files = [int8, float].map(({ targets: [t] }) => t.flashBytes - t.model.bytes)
    expect(files[0]).toBe(files[1])
    const { out } = await cli('profile', twins[1]!, '--device', 'stm32f446')
    expect(out).toMatch(/float32 in the file, priced as int8/)
  })

  it('of a file from elsewhere: flash holds that very file, or, generated as code, its constants', async () => {
    const ours = writeTflite(randomModel('profile', { maxSide: 16 }))
    const padded = put('padded.tflite', Buffer.concat([ours, Buffer.alloc(5000)]))
    const boards = 'stm32f446,stm32f446:st-edge-ai,esp32'
    const profileOf = async (file: string) =>
      contract.parse(JSON.parse((await cli('profile', file, '--device', boards, '--json')).out))
    const before = await profileOf(put('ours.tflite', ours))
    const after = await profileOf(padded)
    const more = after.targets.map((t, i) => t.flashBytes - before.targets[i]!.flashBytes)
    expect(more).toEqual([5000, 0, 5000])
    expect(after.targets.map((t) => t.model)).toMatchObject([
      { bytes: ours.length + 5000, of: 'given file' },
      { of: 'constants' },
      { bytes: ours.length + 5000, of: 'given file' },
    ])
    expect((await cli('profile', padded, '--device', 'stm32f446')).out).toMatch(/flash holds the given file as it is/)
  })

  it.skipIf(!hasShared).each(sharedFiles('models', '.tflite'))('of the public model %s, on every listed board', async (file) => {
    const { code, out, err } = await cli('profile', sharedPath(`models/${file}`), '--json')
    expect([code, err]).toEqual([0, ''])
    const { model, targets } = contract.parse(JSON.parse(out))
    expect(model).toBe(file)
    expect(targets.length).toBeGreaterThanOrEqual(30)
    expect(targets.some((t) => t.fits)).toBe(true)
    for (const t of targets) {
      const sum = t.perOp.reduce((ms, op) => ms + op.latencyMs, 0)
      expect(sum).toBeLessThanOrEqual(t.latencyMs * (1 + 1e-12))
      expect(sum).toBeGreaterThan(0)
    }
  })

  it('of a layer structure: the same document', async () => {
    const { out } = await cli('profile', '--graph', net, '--device', 'stm32f446,esp32-s3', '--json')
    const document = contract.parse(JSON.parse(out))
    expect(document.model).toBe('net.json')
    expect(document.targets.map((t) => [t.target, t.fits])).toEqual([
      ['stm32f446', true],
      ['esp32-s3', true],
    ])
    expect(document.targets[0]!.perOp.map((o) => o.macs)).toEqual([32 * 32 * 9 * 3 * 8, 32 * 32 * 9 * 8 * 8])
  })

  it('where it does not fit: why, what would help, and the smallest board; each remedy fits', async () => {
    const big = structure('big.json', [conv(0, 96, 3, 16), conv(1, 96, 16, 16), ...head(2, 96, 16)], 96)
    const { out } = await cli('profile', '--graph', big, '--device', 'stm32l476', '--json')
    const { targets, smallest } = JSON.parse(out)
    const [{ fits, shortfalls, remedies, budget }] = targets
    expect(fits).toBe(false)
    expect(shortfalls[0]).toMatchObject({ resource: 'ram', have: budget.ramBytes })
    expect(remedies.map((r: { kind: string }) => r.kind)).toEqual(expect.arrayContaining(['width', 'input']))
    for (const r of remedies) if (r.kind !== 'reserve') expect(r.cost.ramBytes).toBeLessThanOrEqual(budget.ramBytes)
    const there = JSON.parse((await cli('profile', '--graph', big, '--device', smallest, '--json')).out)
    expect(there.targets[0].fits).toBe(true)
  })
})

describe('profile --price, --max-latency', () => {
  const board = (name: string, more: object): string =>
    put(
      `${name}.json`,
      JSON.stringify({ ...JSON.parse(readFileSync(join(packageRoot, 'devices/stm32f446.json'), 'utf8')), ...more }),
    )
  const profileOf = async (...args: string[]) => JSON.parse((await cli('profile', '--graph', net, ...args, '--json')).out)

  it('names the cheapest of the boards with a price, from the command line or their own files', async () => {
    expect(await profileOf('--device', 'stm32f446')).not.toHaveProperty('cheapest')
    const list = 'stm32h743=9.5,rp2040=0.8,stm32f446=3.2'
    expect((await profileOf('--device', 'stm32f446', '--price', list)).cheapest).toEqual({ target: 'rp2040', price: 0.8 })
    const own = board('cheap', { price: 0.5 })
    expect((await profileOf('--device', own, '--price', list)).cheapest).toEqual({ target: 'cheap', price: 0.5 })
    // what the command line says goes before the file
    expect((await profileOf('--device', own, '--price', `${list},${own}=7`)).cheapest.target).toBe('rp2040')
    const tiny = board('tiny', { price: 0.1, ramBytes: 20_000 })
    expect((await profileOf('--device', tiny)).cheapest).toBeNull()
    const { out } = await cli('profile', '--graph', net, '--device', 'stm32f446', '--price', list)
    expect(out).toMatch(/cheapest board that holds it: rp2040 \(0\.8\)/)
  })

  it('a bound on latency: boards that miss it do not fit, nor are they the smallest or the cheapest', async () => {
    const free = await profileOf('--device', 'rp2040,stm32h743', '--price', 'rp2040=1,stm32h743=9')
    const [slow, fast] = free.targets
    const bound = ['--max-latency', `${Math.ceil((1000 * (slow.latencyMs + fast.latencyMs)) / 2)}us`]
    const tight = await profileOf('--device', 'rp2040,stm32h743', '--price', 'rp2040=1,stm32h743=9', ...bound)
    expect(tight.targets.map((t: { fits: boolean }) => t.fits)).toEqual([false, true])
    expect(tight.targets[0].shortfalls[0]).toMatchObject({ resource: 'latency' })
    expect([free.cheapest.target, tight.cheapest.target]).toEqual(['rp2040', 'stm32h743'])
    const { out } = await cli('profile', '--graph', net, '--device', 'rp2040', ...bound)
    expect(out).toMatch(/latency: [\d.]+ ms needed, [\d.]+ ms allowed \(at \d+ MHz it would meet it\)/)
  })

  it('firmware that takes all memory leaves nothing: no board holds it', async () => {
    const { targets, smallest } = await profileOf('--reserve-ram', '100MB')
    expect(targets.every((t: { fits: boolean }) => !t.fits)).toBe(true)
    expect(smallest).toBeNull()
  })
})

describe('profile', () => {
  it('shows boards, and layers where one board is asked for', async () => {
    const { code, out } = await cli('profile', model, '--device', 'stm32f446', '--battery-mwh', '675', '--per-hour', '60')
    expect(code).toBe(0)
    expect(out).toMatch(/stm32f446 +yes/)
    expect(out).toMatch(/operator +output/)
    expect(out).toMatch(/no measured power of this board/)
  })

  it('names hints with what they save', async () => {
    const one = { kernel: [1, 1] }
    const odd = structure('odd.json', [conv(0, 16, 3, 15, one), conv(1, 16, 15, 15, one), ...head(2, 16, 15)], 16)
    const { out } = await cli('profile', '--graph', odd, '--device', 'stm32f446,esp32')
    expect(out).toMatch(/hint +[\d.]+ [mu]s \(\d+ %\) less: 16 channels instead of 15 in conv2d/)
  })

  const twoLines = /^error .+\nmend {2}.+\n$/
  it.each<[string, () => string[], RegExp]>([
    ['no model', () => ['profile'], /no model given/],
    ['two models', () => ['profile', model, '--graph', net], /two models/],
    ['a file that is not there', () => ['profile', '--graph', join(folder, 'no.json')], /no\.json: cannot be read/],
    ['no layers', () => ['profile', '--graph', put('empty.json', '{"name":"x"}')], /empty\.json: (inputs|layers)/],
    [
      'a wrong key',
      () => ['profile', '--graph', structure('k.json', [conv(0, 32, 3, 8), conv(1, 32, 8, 8, { kernel: [0, 3] })])],
      /k\.json: layers\.1\.kernel/,
    ],
    [
      'an unknown operator',
      () => ['profile', '--graph', structure('u.json', [conv(0, 32, 3, 8), conv(1, 32, 8, 8, { op: 'SVDF' })])],
      /u\.json: layer 1 \(SVDF\)/,
    ],
    ['a price without a board', () => ['profile', model, '--price', '3.2'], /not a board and its price/],
    ['a price of an unknown board', () => ['profile', model, '--price', 'rp2041=1'], /unknown device "rp2041"/],
    ['half a battery', () => ['profile', model, '--per-hour', '60'], /--battery-mwh/],
  ])('%s: two lines, exit code 2', async (_, args, says) => {
    const { code, out, err } = await cli(...args())
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(twoLines)
    expect(err).toMatch(says)
  })
})
