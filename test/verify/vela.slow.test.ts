import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadTarget } from '../../src/device/load.ts'
import { readTflite } from '../../src/export/tflite-read.ts'
import { buildGraph } from '../../src/graph/build.ts'
import type { Op } from '../../src/graph/graph.ts'
import { decode } from '../../src/space/decode.ts'
import { openSpace } from '../../src/space/genes.ts'
import { randomGenome } from '../../src/space/genome.ts'
import { listSpaces, loadSpace } from '../../src/space/load.ts'
import { rng } from '../../src/util/rng.ts'
import { askVela } from '../../src/verify/vela.ts'
import { oraclePython } from '../helpers/oracle-python.ts'
import { randomModel, withRandomParams } from '../helpers/random-model.ts'
import { hasShared, readShared } from '../helpers/shared.ts'

// Arm's own compiler, from test/oracles.txt
const vela = join(dirname(oraclePython), 'vela')
const configurations = ['ethos-u55-32', 'ethos-u55-64', 'ethos-u55-128', 'ethos-u55-256', 'ethos-u65-256', 'ethos-u65-512']
const of = (configuration: string) => loadTarget(`mps3:${configuration}`).runtime.accelerator!

const before = process.env.VELA
beforeAll(() => {
  process.env.VELA = vela
})
afterAll(() => {
  if (before === undefined) delete process.env.VELA
  else process.env.VELA = before
})

describe.skipIf(!existsSync(vela))('the mapping check places every operator where Vela does', () => {
  test.each(listSpaces())('networks of %s, on a configuration each', async (name) => {
    for (const [i, input] of (
      [
        [96, 96, 3],
        [28, 28, 1],
        [49, 10, 1],
        [128, 1, 6],
      ] as const
    ).entries()) {
      const space = openSpace(loadSpace(name), { input, outputs: 7, task: 'classification' })
      const model = withRandomParams(decode(space, randomGenome(space, rng('vela', name, i))).graph, `${name}/${i}`)
      expect(await askVela(model, of(configurations[i]!))).toMatchObject({ status: 'equal' })
    }
  })

  test('24 random networks with every operator', async () => {
    for (let seed = 0; seed < 24; seed++)
      expect(
        await askVela(randomModel(`vela/${seed}`, { maxSide: 40 }), of(configurations[seed % configurations.length]!)),
      ).toMatchObject({
        status: 'equal',
      })
  })

  test('single operators on both sides of each limit', async () => {
    const window = { inputs: [0], stride: [1, 1], padding: 'same' } as const
    const convs = (
      [
        [3, 3],
        [4, 3],
        [3, 4],
        [4, 4],
        [5, 5],
      ] as const
    ).flatMap((stride) =>
      (['same', 'valid'] as const).flatMap((padding): Op[] => [
        { kind: 'conv2d', channels: 4, ...window, kernel: [3, 3], stride, padding, activation: 'relu' },
        { kind: 'depthwise', multiplier: 1, ...window, kernel: [3, 3], stride, padding, activation: 'relu' },
        { kind: 'maxPool', ...window, kernel: [3, 3], stride, padding, activation: 'none' },
      ]),
    )
    const pools = (
      [
        [8, 8],
        [9, 3],
        [3, 9],
        [12, 12],
      ] as const
    ).flatMap((kernel) =>
      (['same', 'valid'] as const).map(
        (padding): Op => ({ kind: 'averagePool', ...window, kernel, padding, activation: 'none' }),
      ),
    )
    let left = 0
    for (const op of [...convs, ...pools]) {
      const report = await askVela(withRandomParams(buildGraph([30, 30, 4], [op]), 'one'), of('ethos-u55-128'))
      expect(report, JSON.stringify(op)).toMatchObject({ status: 'equal' })
      if (report.status === 'equal') left += report.onCpu.length
    }
    expect(left).toBeGreaterThan(10)
  })

  test.skipIf(!hasShared).each(['ad01', 'hello_world_int8', 'ic_resnet', 'kws', 'micro_speech', 'vww96'])('%s', async (name) => {
    const { model } = readTflite(readShared(`models/${name}.tflite`), name)
    for (const configuration of configurations) expect(await askVela(model, of(configuration))).toMatchObject({ status: 'equal' })
  })
})
