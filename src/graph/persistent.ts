import { type Graph, hasWeights, type Op, type Shape } from './graph.ts'
import type { Buffers } from './greedy-plan.ts'
import { type Abi, type KernelSet, userBytes } from './tflm-abi.ts'

export type Persistent = {
  /** bytes at the arena's tail after AllocateTensors() */
  readonly total: number
  /** bytes there when the plan is made, before the input and output structures */
  readonly beforeInputs: number
  /** arena needed while operators prepare themselves, before anything is planned */
  readonly prepareBytes: number
  readonly tensors: number
}

/** Constants our writer emits besides the activations: weights and bias, axes of MEAN, shape of RESHAPE, paddings of PAD. */
export function constantTensors(graph: Graph): number {
  let n = 0
  for (let i = 0; i < graph.ops.length; i++) {
    const op = graph.ops[i]!
    n += hasWeights(op) ? 2 : op.kind === 'mean' || op.kind === 'reshape' || op.kind === 'pad' ? 1 : 0
  }
  return n
}

/** What TFLite-Micro keeps at the arena's tail, allocation by allocation in its own order. */
export function persistent(
  graph: Graph,
  abi: Abi,
  kernels: KernelSet,
  buffers: Buffers,
  constants: number,
  perChannelDense: ((opIndex: number) => boolean) | undefined,
): Persistent {
  const { ops, shapes } = graph
  const a = abi.pointer
  const requests = buffers.count - shapes.length
  const tensors = shapes.length + constants
  let used = 0
  for (const bytes of abi.objects) used = up(used + bytes, a)
  used = up(used + abi.subgraph, a)
  used = up(used + abi.evalTensor * tensors, a)
  used = up(used + abi.node * ops.length, a)
  for (let i = 0; i < ops.length; i++) {
    const [bytes, align] = abi.options[ops[i]!.kind]
    if (bytes > 0) used = up(used + bytes, align)
  }
  for (let i = 0; i < ops.length; i++) {
    const bytes = userBytes(ops[i]!.kind, abi, kernels)
    if (bytes > 0) used = up(used + bytes, 16)
  }
  let seen = 0
  let prepareBytes = 0
  for (let i = 0; i < ops.length; i++) {
    const op = ops[i]!
    const perChannel = op.kind !== 'dense' || perChannelDense?.(i) === true
    if (hasWeights(op)) {
      const channels = 4 * shapes[i + 1]![2]
      if (perChannel) used = up(up(used + channels, 16) + channels, 16) // multipliers, shifts
      if (op.kind === 'dense' && kernels === 'cmsis-nn-mve') used = up(used + channels, 16) // kernel sums
    }
    const temporary = temporaries(op, shapes[i + 1]!, abi, perChannel)
    prepareBytes = Math.max(prepareBytes, up(used + abi.scratchRequest * (seen + 12) + temporary, 16))
    while (shapes.length + seen < buffers.count && buffers.first[shapes.length + seen] === i + 1) seen++
  }
  if (requests > 0) used = up(used + abi.scratchHandle * requests, a)
  const beforeInputs = used
  for (let end = 0; end < 2; end++) used = up(up(up(up(used + a, 16) + abi.tensor, a) + abi.affine, a) + 8, 4) // input, output
  return { total: used, beforeInputs, prepareBytes, tensors }
}

/** TfLiteTensor structures an operator holds while it prepares itself. They decide only for networks below about 1.5 kB. */
function temporaries(op: Op, output: Shape, abi: Abi, perChannel: boolean): number {
  const tensor = (scales: number): number => abi.tensor + (scales > 0 ? abi.affine + up(4 + 4 * scales, abi.pointer) : 0)
  const activation = tensor(1)
  switch (op.kind) {
    case 'conv2d':
    case 'depthwise':
      return 4 * activation + 3 * tensor(output[2])
    case 'dense':
      return 2 * activation + 2 * tensor(perChannel ? output[2] : 1)
    case 'mean':
      return 4 * activation + 2 * tensor(0)
    case 'concat':
      return (2 + op.inputs.length) * activation
    case 'add':
    case 'mul':
      return 3 * activation
    case 'pad':
      return 2 * activation + tensor(0)
    default:
      return 2 * activation
  }
}

const up = (n: number, align: number): number => Math.ceil(n / align) * align
