import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { openDataset } from '../../src/data/open.ts'
import { sampleInputs } from '../../src/export/sample.ts'
import { readTflite } from '../../src/export/tflite-read.ts'
import { writeTflite } from '../../src/export/tflite-write.ts'
import { tfliteBytes } from '../../src/graph/tflite-size.ts'
import { planStudy } from '../../src/run/record/plan.ts'
import { decode } from '../../src/space/decode.ts'
import { openSpace } from '../../src/space/genes.ts'
import { fromText } from '../../src/space/genome.ts'
import { loadSpace } from '../../src/space/load.ts'
import { finishNetwork, startNetwork } from '../../src/train/network.ts'
import { wasmEngine } from '../../src/train/wasm/engine.ts'
import { compareLitert } from '../../src/verify/compare-litert.ts'

/** Hard swish, squeeze and excite and a hard sigmoid on the whole road from genome to file. */
test('a pruned member of mobilenetv3 learns, and its int8 file is what LiteRT computes', { timeout: 60_000 }, async () => {
  const { report, ...dataset } = await openDataset('builtin:shapes?count=1200', { seed: '1', cacheDir: tmpdir() })
  const space = openSpace(loadSpace('mobilenetv3'), {
    input: dataset.shape,
    outputs: dataset.classes.length,
    task: 'classification',
    kind: 'image',
  })
  const genome = fromText(
    space,
    'r=1 w=0.35 stem=s2h1 s1=s1q0.25 s2=d1 s2.1=k3e3p0.5 s3=d2h1 s3.1=k5e4q0.25p0.5 s3.2=k3e3q0.25p0.75 s4=d0 s5=d0 head=d0',
  )
  const { graph, unpruned } = decode(space, genome)
  expect(new Set(graph.ops.map((op) => op.kind))).toContain('hardSwish')
  const { recipe } = planStudy({ dataset, typicalMacs: 1e6, workers: 1, trials: 4 }).trial
  const context = {
    dataset,
    engine: wasmEngine(),
    metric: { kind: 'accuracy' },
    recipe: { ...recipe, warmExamples: 4000, tuneExamples: 3000 },
    clock: () => 0,
  } as const
  const candidate = { graph, unpruned, seed: 'v3' }
  const started = startNetwork(context, candidate, 'searchValidation')
  const { quantized, int8, float32 } = finishNetwork(context, candidate, started, 'searchValidation')
  expect(float32).toBeGreaterThan(0.45)
  expect(int8).toBeGreaterThan(float32 - 0.1)

  const file = writeTflite(quantized)
  expect(file.length).toBe(tfliteBytes(graph))
  expect(readTflite(file).model).toEqual(quantized)
  expect((await compareLitert(quantized, sampleInputs(quantized))).status).toMatch(/^(equal|not verified)$/)
})
