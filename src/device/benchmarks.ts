import { buildGraph } from '../graph/build.ts'
import type { Graph, Op, Shape, TensorId } from '../graph/graph.ts'

/** A small network to time on a board that nobody has measured. */
export type MicroBenchmark = {
  readonly name: string
  /** what its time tells, for people */
  readonly tells: string
  readonly graph: Graph
}

const conv = (input: TensorId, channels: number, side: number, stride = 1): Op => ({
  kind: 'conv2d',
  inputs: [input],
  channels,
  kernel: [side, side],
  stride: [stride, stride],
  padding: 'same',
  activation: 'relu',
})
const depthwise = (input: TensorId, side: number, stride = 1): Op => ({
  kind: 'depthwise',
  inputs: [input],
  multiplier: 1,
  kernel: [side, side],
  stride: [stride, stride],
  padding: 'same',
  activation: 'relu',
})
const pool = (kind: 'averagePool' | 'maxPool', input: TensorId, side: number, stride: number): Op => ({
  kind,
  inputs: [input],
  kernel: [side, side],
  stride: [stride, stride],
  padding: 'same',
  activation: 'none',
})
const dense = (input: TensorId, units: number): Op => ({ kind: 'dense', inputs: [input], units, activation: 'none' })
const join = (kind: 'add' | 'mul', a: TensorId, b: TensorId): Op => ({ kind, inputs: [a, b], activation: 'none' })

/** Operators in a row: each reads what the one before gave. */
const chain = (input: Shape, ...made: readonly ((last: TensorId) => Op)[]): Graph =>
  buildGraph(
    input,
    made.map((op, i) => op(i)),
  )
const times = (n: number, op: (last: TensorId) => Op) => Array.from({ length: n }, () => op)

/**
 * Networks that each spend their time in one group of terms (src/device/terms.ts), and two that mix them as searched networks do. They need at
 * most 16 kB of RAM and 40 kB of flash besides the runtime, and take from below a millisecond to half a second.
 */
export const microBenchmarks: readonly MicroBenchmark[] = [
  {
    name: 'conv',
    tells: '3x3 convolutions',
    graph: chain([16, 16, 8], ...times(4, (t) => conv(t, 16, 3))),
  },
  {
    name: 'pointwise',
    tells: '1x1 convolutions',
    graph: chain([16, 16, 24], ...times(6, (t) => conv(t, 24, 1))),
  },
  {
    name: 'depthwise',
    tells: 'depthwise convolutions, 3x3 and 5x5',
    graph: chain([20, 20, 16], ...times(4, (t) => depthwise(t, 3)), ...times(2, (t) => depthwise(t, 5)), (t) =>
      depthwise(t, 3, 2),
    ),
  },
  {
    name: 'dense',
    tells: 'fully connected layers, and weights read from flash',
    graph: chain([1, 1, 160], ...times(2, (t) => dense(t, 128)), (t) => dense(t, 10)),
  },
  {
    name: 'element',
    tells: 'additions, products, pools, means',
    graph: chain(
      [20, 20, 16],
      (t) => join('add', t, t),
      (t) => pool('averagePool', t, 3, 1),
      (t) => join('mul', t, t),
      (t) => pool('maxPool', t, 3, 1),
      (t) => join('add', t, t),
      (t) => ({ kind: 'mean', inputs: [t] }),
      (t) => ({ kind: 'softmax', inputs: [t] }),
    ),
  },
  {
    name: 'thin',
    tells: 'what every operator costs besides its work',
    graph: chain(
      [1, 1, 4], // no activation: so many thin layers would leave nothing alive
      ...times(24, (t) => ({ ...conv(t, 4, 1), activation: 'none' }) as Op),
    ),
  },
  {
    name: 'separable',
    tells: 'a stem, then depthwise and pointwise layers, as a search for pictures or words finds them',
    graph: chain(
      [32, 32, 3],
      (t) => conv(t, 12, 3, 2),
      (t) => depthwise(t, 3),
      (t) => conv(t, 24, 1),
      (t) => depthwise(t, 3, 2),
      (t) => conv(t, 48, 1),
      (t) => depthwise(t, 3),
      (t) => conv(t, 48, 1),
      (t) => ({ kind: 'mean', inputs: [t] }),
      (t) => dense(t, 10),
      (t) => ({ kind: 'softmax', inputs: [t] }),
    ),
  },
  {
    name: 'series',
    tells: 'one-dimensional convolutions, as a search for sensor data finds them',
    graph: chain(
      [128, 1, 6],
      (t) => ({ ...conv(t, 16, 1), kernel: [5, 1], stride: [2, 1] }) as Op,
      (t) => ({ ...conv(t, 24, 1), kernel: [5, 1], stride: [2, 1] }) as Op,
      (t) => ({ ...pool('maxPool', t, 1, 1), kernel: [2, 1], stride: [2, 1] }) as Op,
      (t) => ({ ...conv(t, 32, 1), kernel: [3, 1] }) as Op,
      (t) => ({ kind: 'mean', inputs: [t] }),
      (t) => dense(t, 6),
      (t) => ({ kind: 'softmax', inputs: [t] }),
    ),
  },
]
