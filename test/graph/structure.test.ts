import { describe, expect, it } from 'vitest'
import { countGraph } from '../../src/graph/count.ts'
import { structureGraph, structureSchema } from '../../src/graph/structure.ts'
import { weightBitsOf } from '../../src/graph/traits.ts'
import { hasShared, readShared, sharedFiles } from '../helpers/shared.ts'

const conv = (inputs: number[], output: number) => ({
  op: 'CONV_2D',
  inputs: [...inputs, 90, 91],
  outputs: [output],
  input_shapes: [[1, 8, 8, 4]],
  output_shapes: [[1, 8, 8, 4]],
  kernel: [3, 3],
  stride: [1, 1],
  padding: 'SAME',
  activation: 'RELU',
})
const parse = (layers: object[]) => structureSchema.parse({ name: 'x', inputs: [{ id: 0, shape: [1, 8, 8, 4] }], layers })

describe('structureGraph', () => {
  it('reads layers, skips constants and shape arithmetic, and follows a residual', () => {
    const shapeOf = { op: 'SHAPE', inputs: [1], outputs: [50], input_shapes: [[1, 8, 8, 4]], output_shapes: [[4]] }
    const add = {
      op: 'ADD',
      inputs: [1, 0],
      outputs: [2],
      input_shapes: [
        [1, 8, 8, 4],
        [1, 8, 8, 4],
      ],
      output_shapes: [[1, 8, 8, 4]],
    }
    const graph = structureGraph(parse([conv([0], 1), shapeOf, add]))
    expect(graph.ops.map((op) => [op.kind, op.inputs])).toEqual([
      ['conv2d', [0]],
      ['add', [1, 0]],
    ])
    expect(countGraph(graph).macs).toBe(8 * 8 * 4 * 9 * 4)
  })

  it('reads how many bits the weights of a layer have', () => {
    const graph = structureGraph(parse([conv([0], 1), { ...conv([1], 2), weight_bits: 4 }]))
    expect(graph.ops.map(weightBitsOf)).toEqual([8, 4])
    expect(() => parse([{ ...conv([0], 1), weight_bits: 3 }])).toThrow()
  })

  it('a pixel that multiplies a map stays what it is, another factor that is broadcast counts in full', () => {
    const map = [1, 8, 8, 4]
    const mean = { op: 'MEAN', inputs: [0], outputs: [1], input_shapes: [map], output_shapes: [[1, 1, 1, 4]] }
    const swish = { op: 'HARD_SWISH', inputs: [0], outputs: [2], input_shapes: [map], output_shapes: [map] }
    const product = (op: string, inputs: number[], output: number) => ({
      op,
      inputs,
      outputs: [output],
      input_shapes: inputs[0] === 1 ? [[1, 1, 1, 4], map] : [map, [1, 1, 1, 4]],
      output_shapes: [map],
    })
    const graph = structureGraph(parse([mean, swish, product('MUL', [1, 2], 3), product('ADD', [3, 1], 4)]))
    expect(graph.ops.map((op) => [op.kind, op.inputs])).toEqual([
      ['mean', [0]],
      ['hardSwish', [0]],
      ['mul', [2, 1]],
      ['add', [3, 3]],
    ])
  })

  it.each([
    ['an operator that is not there', { ...conv([0], 1), op: 'TILE' }, /^layer 1 \(TILE\): there is no such operator/],
    ['a tensor that nothing gives', { ...conv([7], 2) }, /^layer 1 \(CONV_2D\): it reads no tensor/],
    ['dilation', { ...conv([1], 2), dilation: [2, 2] }, /^layer 1 \(CONV_2D\): dilation/],
    ['shapes that do not fit', { ...conv([1], 2), padding: 'VALID', kernel: [9, 9] }, /^layer 1 \(CONV_2D\): .*does not fit/],
  ])('%s: the error names the layer', (_, layer, message) => {
    expect(() => structureGraph(parse([conv([0], 1), layer]))).toThrow(message)
  })

  it('a wrong key is named with its layer', () => {
    const { error } = structureSchema.safeParse({
      name: 'x',
      inputs: [{ id: 0, shape: [1, 8, 8, 4] }],
      layers: [conv([0], 1), { ...conv([1], 2), kernel: [0, 3] }],
    })
    expect(error!.issues[0]!.path).toEqual(['layers', 1, 'kernel', 0])
  })
})

describe.skipIf(!hasShared)('published layer structures (../shared/data/latency/layers)', () => {
  it('nine of ten become graphs with the published MACs', () => {
    const files = sharedFiles('latency/layers', '.json')
    let read = 0
    let equal = 0
    for (const file of files) {
      const json = JSON.parse(new TextDecoder().decode(readShared(`latency/layers/${file}`)))
      const parsed = structureSchema.safeParse(json)
      if (!parsed.success) continue
      try {
        const { macs } = countGraph(structureGraph(parsed.data))
        read++
        if (Math.abs(macs / json.total_macs - 1) < 1e-9) equal++
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError)
      }
    }
    expect(read / files.length).toBeGreaterThan(0.9)
    expect(equal / read).toBeGreaterThan(0.95)
  })
})
