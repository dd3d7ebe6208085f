import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeOnnx } from '../../src/export/onnx/write.ts'
import { dequantise } from '../../src/quant/input.ts'
import { evaluateReference } from '../../src/quant/reference.ts'
import { readFields, textOf } from '../helpers/protobuf.ts'
import { randomInput, randomModel } from '../helpers/random-model.ts'

test('every input of a node is a constant, the input, or the output of an earlier node', () => {
  for (let seed = 0; seed < 60; seed++) {
    const file = readFields(writeOnnx(randomModel(`onnx/${seed}`, { maxOps: 10 })))
    expect(file.get(1)).toEqual([7n])
    const graph = readFields(file.get(7)![0] as Uint8Array)
    const known = new Set(['input'])
    for (const constant of graph.get(5) ?? []) {
      const tensor = readFields(constant as Uint8Array)
      known.add(textOf(tensor.get(8)![0]))
      const count = (tensor.get(1) ?? []).reduce((n, d) => n * Number(d), 1)
      const width = { 1: 4, 3: 1, 6: 4, 7: 8 }[Number(tensor.get(2)![0])]!
      expect((tensor.get(9)![0] as Uint8Array).length).toBe(count * width)
    }
    for (const node of graph.get(1)!) {
      const fields = readFields(node as Uint8Array)
      for (const name of fields.get(1)!) expect(known).toContain(textOf(name))
      const output = textOf(fields.get(2)![0])
      expect(known).not.toContain(output)
      known.add(output)
    }
    expect(known).toContain('output')
  }
})

// ONNX Runtime is not among our dependencies: where a Python has it (TINYFRONT_PYTHON, else python3), it is the oracle.
const python = process.env.TINYFRONT_PYTHON ?? 'python3'
const hasRuntime = spawnSync(python, ['-c', 'import onnx, onnxruntime']).status === 0

// Optimisations off: on x86 without VNNI, ONNX Runtime's fused int8 kernels saturate sums of two products at 16 bits (its documentation warns).
const script = `
import json, sys, numpy, onnx, onnxruntime

// compilers and runtimes are slow on a busy machine
vi.setConfig({ testTimeout: 120_000 })
for case in json.load(open(sys.argv[1])):
    onnx.checker.check_model(onnx.load(case['file']), full_check=True)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(case['file'], options, providers=['CPUExecutionProvider'])
    port = session.get_inputs()[0]
    x = numpy.array(case['input'], dtype=numpy.float32).reshape(port.shape)
    print(json.dumps(session.run(None, {port.name: x})[0].ravel().tolist()))
`

test.skipIf(!hasRuntime)('ONNX Runtime accepts the files and comes within three steps of the evaluator', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tinyfront-onnx-'))
  try {
    const seeds = Array.from({ length: 60 }, (_, i) => i)
    const cases = seeds.map((seed) => {
      const model = randomModel(`onnx/${seed}`, { maxOps: 4 })
      const x = randomInput(model, seed)
      const file = join(folder, `${seed}.onnx`)
      writeFileSync(file, writeOnnx(model))
      return { model, x, file, input: Array.from(dequantise(x, model.tensors[0]!)) }
    })
    writeFileSync(join(folder, 'cases.json'), JSON.stringify(cases.map(({ file, input }) => ({ file, input }))))
    writeFileSync(join(folder, 'run.py'), script)
    const lines = execFileSync(python, [join(folder, 'run.py'), join(folder, 'cases.json')], { encoding: 'utf8' })
      .trim()
      .split('\n')
    cases.forEach(({ model, x }, n) => {
      const { scale, zeroPoint } = model.tensors.at(-1)!
      const got = (JSON.parse(lines[n]!) as number[]).map((v) => Math.round(v / scale) + zeroPoint)
      const want = evaluateReference(model, x, 'tflm').at(-1)!
      const far = got.filter((v, i) => Math.abs(v - want[i]!) > 3).length
      expect({ n, far, length: got.length }).toEqual({ n, far: 0, length: want.length })
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
