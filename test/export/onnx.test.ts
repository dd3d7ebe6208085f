import { expect, test } from 'vitest'
import { writeOnnx } from '../../src/export/onnx/write.ts'
import { dequantise } from '../../src/quant/input.ts'
import { evaluateReference } from '../../src/quant/reference.ts'
import { readFields, textOf } from '../helpers/protobuf.ts'
import { askPython, pythonHas } from '../helpers/python.ts'
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

test.skipIf(!pythonHas('onnx', 'onnxruntime'))(
  'ONNX Runtime accepts the files and comes within three steps of the evaluator, more behind a product',
  () => {
    const cases = Array.from({ length: 80 }, (_, seed) => {
      const model = randomModel(`onnx/${seed}`, { maxOps: 4, ...(seed < 60 ? {} : { int4: 'all' }) })
      const x = randomInput(model, seed)
      return { model, x, file: writeOnnx(model), input: Array.from(dequantise(x, model.tensors[0]!)) }
    })
    const answers = askPython<number[]>('onnx_runtime.py', cases)
    cases.forEach(({ model, x }, n) => {
      const { scale, zeroPoint } = model.tensors.at(-1)!
      const got = answers[n]!.map((v) => Math.round(v / scale) + zeroPoint)
      const want = evaluateReference(model, x, 'tflm').at(-1)!
      // one step of one factor is as many steps of the product as the other factor is large
      const steps = model.graph.ops.some(({ kind }) => kind === 'mul') ? 15 : 3
      const far = got.filter((v, i) => Math.abs(v - want[i]!) > steps).length
      expect({ n, far, length: got.length }).toEqual({ n, far: 0, length: want.length })
    })
  },
)
