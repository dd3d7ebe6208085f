import { buildGraph } from '../graph/build.ts'
import { type Activation, type Graph, type LayerActivation, type Op, type Shape, windowOutput } from '../graph/graph.ts'
import { taskOf } from '../task/lookup.ts'
import { hashJson } from '../util/hash.ts'
import { type BlockPlan, type Genome, type Pair, read, type Space } from './genes.ts'

/**
 * The same operator list twice: `unpruned` is trained first, `graph` is what pruning leaves of it; it is priced and exported. `roles` names what each
 * operator is for, such as `s2.0.expand`: layers of one role in two networks of a space can take over each other's weights.
 */
export type Decoded = { readonly graph: Graph; readonly unpruned: Graph; readonly roles: readonly string[] }

/** What follows a convolution: an activation function that it does itself, or an operator of its own. */
type Follower = Activation | 'hardSwish'
const fused = (follower: Follower): Activation => (follower === 'hardSwish' ? 'none' : follower)

/** Channels of a layer before and after pruning. */
type Channels = { readonly full: number; readonly kept: number }

/**
 * The only road from genome to network. MBConv is MobileNetV2's inverted residual (Sandler et al. 2018), `separable` MobileNet's
 * depthwise + pointwise pair (Howard et al. 2017). Strides and kernels adapt to the map: see `strideOf` and `kernelOf`.
 */
export function decode(space: Space, genome: Genome): Decoded {
  const { definition, context } = space
  const [h, w] = read(space.resolution, genome)
  const net = new Emitter([h, w, context.input[2]])
  for (const [s, stage] of space.stages.entries()) {
    const activation = read(stage.hardSwish, genome) ? 'hardSwish' : definition.activation
    const depth = read(stage.depth, genome)
    net.weightBits = read(stage.weightBits ?? space.weightBits, genome)
    const full = roundWidth(read(stage.width, genome) * read(space.width, genome), definition.widthMultiple)
    for (let b = 0; b < depth; b++) {
      const block = stage.blocks[b]!
      const keep = read(block.keep, genome)
      const kept = keptChannels(full, keep, definition.widthMultiple)
      const stride = b === 0 ? strideOf(read(stage.stride, genome), net.map, definition.minimumMap) : unit
      net.block = `${definition.stages[s]!.name}.${b}`
      if (stage.block === 'mbconv')
        mbconv(net, space, block, genome, activation, full, stride, b > 0 && read(stage.residual, genome))
      else if (stage.block === 'dense') net.dense({ full, kept }, definition.activation)
      else if (stage.block === 'pool') net.pool(stride)
      else {
        if (stage.block === 'separable') net.depthwise(read(block.kernel, genome), stride, activation)
        const pointwise = stage.block === 'separable'
        net.conv({ full, kept }, pointwise ? unit : read(block.kernel, genome), pointwise ? unit : stride, activation)
      }
    }
  }
  net.block = 'answer'
  net.weightBits = read(space.weightBits, genome)
  if (definition.reduce === 'mean') net.push({ kind: 'mean', inputs: [net.last] })
  net.dense({ full: context.outputs, kept: context.outputs }, 'none')
  const { activation } = taskOf(context.task)
  if (activation !== 'none') net.push({ kind: activation, inputs: [net.last] })
  return net.done()
}

/** Identity of a candidate: its pruned network and how it is trained. */
export const graphKey = (graph: Graph, recipe: string): string => hashJson([recipe, graph.shapes[0], graph.ops])

function mbconv(
  net: Emitter,
  { definition }: Space,
  block: BlockPlan,
  genome: Genome,
  activation: Follower,
  width: number,
  stride: Pair,
  residual: boolean,
): void {
  const input = net.last
  const expansion = read(block.expansion, genome)
  if (expansion > 1) {
    const hidden = roundWidth(net.channels.full * expansion, definition.widthMultiple)
    const kept = keptChannels(hidden, read(block.keep, genome), definition.widthMultiple)
    net.conv({ full: hidden, kept }, unit, unit, activation, 'expand')
  }
  net.depthwise(read(block.kernel, genome), stride, activation)
  const squeeze = read(block.squeeze, genome)
  if (squeeze > 0) {
    const inner = (channels: number) => roundWidth(channels * squeeze, definition.widthMultiple)
    net.excite({ full: inner(net.channels.full), kept: inner(net.channels.kept) })
  }
  net.conv({ full: width, kept: width }, unit, unit, 'none', 'project')
  if (residual) net.push({ kind: 'add', inputs: [input, net.last], activation: 'none' })
}

/** Writes both operator lists side by side and follows the map's size. */
class Emitter {
  readonly #input: Shape
  readonly #full: Op[] = []
  readonly #kept: Op[] = []
  readonly #roles: string[] = []
  /** The block that operators belong to. */
  block = ''
  /** Of the layers to come. */
  weightBits: 8 | 4 = 8
  map: Pair
  channels: Channels

  constructor(input: Shape) {
    this.#input = input
    this.map = [input[0], input[1]]
    this.channels = { full: input[2], kept: input[2] }
  }

  get last(): number {
    return this.#kept.length
  }

  push(op: Op, unpruned: Op = op, part: string = op.kind): void {
    this.#roles.push(`${this.block}.${part}`)
    this.#kept.push(op)
    this.#full.push(unpruned)
  }

  conv(channels: Channels, kernel: Pair, stride: Pair, follower: Follower, part?: string): void {
    const activation = fused(follower)
    const window = { kernel: kernelOf(kernel, this.map), stride, padding: 'same' } as const
    const op = { kind: 'conv2d', inputs: [this.last], channels: channels.kept, ...window, activation, ...this.#bits } as const
    this.push(op, channels.full === channels.kept ? op : { ...op, channels: channels.full }, part)
    this.#follow(follower)
    this.#moved(stride, channels)
  }

  depthwise(kernel: Pair, stride: Pair, follower: Follower): void {
    const window = { kernel: kernelOf(kernel, this.map), stride, padding: 'same' } as const
    this.push({ kind: 'depthwise', inputs: [this.last], multiplier: 1, ...window, activation: fused(follower), ...this.#bits })
    this.#follow(follower)
    this.#moved(stride, this.channels)
  }

  /** Squeeze and excite (Hu et al. 2018), with the hard sigmoid of MobileNetV3 (Howard et al. 2019). */
  excite(inner: Channels): void {
    const map = this.last
    this.push({ kind: 'mean', inputs: [map] })
    this.#units(inner, 'relu', 'squeeze')
    this.#units(this.channels, 'hardSigmoid', 'excite')
    this.push({ kind: 'mul', inputs: [map, this.last], activation: 'none' })
  }

  pool(stride: Pair): void {
    if (stride[0] * stride[1] === 1) return
    const window = { kernel: stride, stride, padding: 'same' } as const
    this.push({ kind: 'averagePool', inputs: [this.last], ...window, activation: 'none' })
    this.#moved(stride, this.channels)
  }

  dense(units: Channels, activation: Activation): void {
    this.#units(units, activation)
    this.map = unit
    this.channels = units
  }

  done(): Decoded {
    const graph = buildGraph(this.#input, this.#kept)
    const pruned = this.#kept.some((op, i) => op !== this.#full[i])
    return { graph, unpruned: pruned ? buildGraph(this.#input, this.#full) : graph, roles: this.#roles }
  }

  get #bits(): { readonly weightBits?: 4 } {
    return this.weightBits === 4 ? { weightBits: 4 } : {}
  }

  #units(units: Channels, activation: LayerActivation, part?: string): void {
    const op = { kind: 'dense', inputs: [this.last], units: units.kept, activation, ...this.#bits } as const
    this.push(op, units.full === units.kept ? op : { ...op, units: units.full }, part)
  }

  #follow(follower: Follower): void {
    if (follower === 'hardSwish') this.push({ kind: 'hardSwish', inputs: [this.last] })
  }

  #moved(stride: Pair, channels: Channels): void {
    this.map = [windowOutput(this.map[0], 1, stride[0], 'same'), windowOutput(this.map[1], 1, stride[1], 'same')]
    this.channels = channels
  }
}

const unit: Pair = [1, 1]

/** A stride is dropped on an axis where the map would fall under the space's minimum, so that one space serves 8x8 and 224x224. */
function strideOf(stride: Pair, map: Pair, minimum: Pair): Pair {
  return [strideOn(map[0], stride[0], minimum[0]), strideOn(map[1], stride[1], minimum[1])]
}

const strideOn = (size: number, stride: number, minimum: number): number => (Math.ceil(size / stride) < minimum ? 1 : stride)

/** Taps beyond 2n - 1 would only ever meet padding: a 3x3 kernel on a 128x1 series is 3x1. */
const kernelOf = (kernel: Pair, map: Pair): Pair => [Math.min(kernel[0], 2 * map[0] - 1), Math.min(kernel[1], 2 * map[1] - 1)]

/** MobileNet's rule: to the nearest multiple, but never more than 10 % down. */
function roundWidth(width: number, multiple: number): number {
  const rounded = Math.max(multiple, Math.floor((width + multiple / 2) / multiple) * multiple)
  return rounded < 0.9 * width ? rounded + multiple : rounded
}

const keptChannels = (channels: number, keep: number, multiple: number): number =>
  keep === 1 ? channels : Math.min(channels, Math.max(multiple, Math.round((channels * keep) / multiple) * multiple))
