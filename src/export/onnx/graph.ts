import { bytesField, type Field, intField, message } from './protobuf.ts'

/** Attribute of an ONNX node: an integer, a list of integers or a text. */
export type Attribute = number | readonly number[] | string

/** Element types of onnx.proto. */
export const elementTypes = { float: 1, int8: 3, int32: 6, int64: 7 } as const

/** Collects nodes and constants; names are made up here. Field numbers: onnx.proto, IR version 7. */
export type OnnxGraph = {
  /** Adds a node with one output and returns the output's name. */
  node(type: string, inputs: readonly string[], attributes?: Readonly<Record<string, Attribute>>, output?: string): string
  /** Adds a constant and returns its name. `dims: []` is a scalar. */
  constant(type: keyof typeof elementTypes, dims: readonly number[], data: ArrayBufferView): string
  /** The file: one float input and one float output. */
  finish(name: string, input: Port, output: Port): Uint8Array
}
export type Port = { readonly name: string; readonly dims: readonly number[] }

const [irVersion, opset] = [7, 13]

export function onnxGraph(): OnnxGraph {
  const nodes: Field[] = []
  const constants: Field[] = []
  return {
    node: (type, inputs, attributes = {}, output = `${type.toLowerCase()}_${nodes.length}`) => {
      const fields = Object.entries(attributes).map(([name, value]) => bytesField(5, attribute(name, value)))
      const names = inputs.map((input) => bytesField(1, input))
      nodes.push(
        bytesField(1, message(names, bytesField(2, output), bytesField(3, `${output}_node`), bytesField(4, type), fields)),
      )
      return output
    },
    constant: (type, dims, data) => {
      const name = `constant_${constants.length}`
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      const shape = dims.map((n) => intField(1, n))
      constants.push(bytesField(5, message(shape, intField(2, elementTypes[type]), bytesField(8, name), bytesField(9, bytes))))
      return name
    },
    finish: (name, input, output) => {
      const graph = message(nodes, bytesField(2, name), constants, bytesField(11, port(input)), bytesField(12, port(output)))
      const version = message(bytesField(1, ''), intField(2, opset))
      return message(intField(1, irVersion), bytesField(2, 'tinyfront'), bytesField(7, graph), bytesField(8, version))
    },
  }
}

function attribute(name: string, value: Attribute): Uint8Array {
  if (typeof value === 'string') return message(bytesField(1, name), bytesField(4, value), intField(20, 3))
  if (typeof value === 'number') return message(bytesField(1, name), intField(3, value), intField(20, 2))
  return message(
    bytesField(1, name),
    value.map((n) => intField(8, n)),
    intField(20, 7),
  )
}

function port({ name, dims }: Port): Uint8Array {
  const shape = message(dims.map((n) => bytesField(1, message(intField(1, n)))))
  const tensor = message(intField(1, elementTypes.float), bytesField(2, shape))
  return message(bytesField(1, name), bytesField(2, message(bytesField(1, tensor))))
}
