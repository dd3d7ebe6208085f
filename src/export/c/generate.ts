import { memoryMap } from '../../graph/arena.ts'
import { elements, type Graph, inputShape, outputOf, outputShape } from '../../graph/graph.ts'
import { weightBitsOf } from '../../graph/traits.ts'
import type { QuantizedModel } from '../../quant/model.ts'
import { operatorC, type PieceName } from './calls.ts'
import { int4Kernels } from './int4-kernels.ts'
import { plainKernels } from './plain-kernels.ts'
import { constantText, floatText } from './text.ts'
import { type Piece, weightKernels } from './weight-kernels.ts'

export type CFiles = {
  readonly headerName: string
  readonly header: string
  readonly sourceName: string
  readonly source: string
  /** the static arena: all RAM of the network but its stack */
  readonly arenaBytes: number
  /** where the input lies in it */
  readonly inputOffset: number
}

/**
 * The network as freestanding C99: one header, one source, no libc, no allocation. Its outputs, and every tensor on the way, equal
 * `evaluateReference(model, input, 'tflm')`. `prefix` begins every public name, so several networks fit into one program.
 *
 * With `-DPREFIX_ON_LAYER=f` the source calls `void f(int op, const int8_t *data, int32_t bytes)` after each operator.
 */
export function generateC(model: QuantizedModel, prefix = 'tinyfront'): CFiles {
  const { graph } = model
  const plan = memoryMap(graph, null)
  const pointers = graph.shapes.map((_, t) => `arena + ${plan.placements[t]!.offset}`)
  const operators = graph.ops.map((_, i) => operatorC(model, i, pointers))
  const headerName = `${prefix}_model.h`
  const [input, output] = [plan.placements[0]!, plan.placements[graph.shapes.length - 1]!]
  const PREFIX = prefix.toUpperCase()
  const sizes = { input: elements(inputShape(graph)), output: elements(outputShape(graph)) }
  const layers = operators.map(
    ({ call }, i) => `  /* ${i}: ${describe(graph, i)} */
  ${call}
  ${PREFIX}_ON_LAYER(${i}, ${pointers[outputOf(i)]}, ${elements(graph.shapes[outputOf(i)]!)});
`,
  )
  const source = `/* Made by tinyfront. An int8 network: ${graph.ops.length} operators, ${plan.totalBytes} bytes of RAM. */
#include "${headerName}"

#if defined(${PREFIX}_ON_LAYER)
void ${PREFIX}_ON_LAYER(int op, const int8_t *data, int32_t bytes);
#else
#define ${PREFIX}_ON_LAYER(op, data, bytes) ((void)0)
#endif

${pieceText(['copy', ...operators.map((o) => o.piece)])}
${operators.map((o) => o.constants).join('')}
/* Every activation lives here; int32_t for the alignment. */
static int32_t ${prefix}_arena[${PREFIX}_ARENA_BYTES / 4];

int8_t *${prefix}_input(void) { return (int8_t *)${prefix}_arena + ${input.offset}; }

const int8_t *${prefix}_output(void) { return (const int8_t *)${prefix}_arena + ${output.offset}; }

int ${prefix}_invoke(const int8_t *input, int8_t *output) {
  int8_t *const arena = (int8_t *)${prefix}_arena;
  if (input) tf_copy(arena + ${input.offset}, input, ${sizes.input});
${layers.join('')}  if (output) tf_copy(output, arena + ${output.offset}, ${sizes.output});
  return 0;
}
`
  const [inputParams, outputParams] = [model.tensors[0]!, model.tensors[model.tensors.length - 1]!]
  const header = `/* Made by tinyfront. */
#ifndef ${constantText(headerName)}
#define ${constantText(headerName)}
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* height, width, channels; values in that order, channels fastest. real = (q - zero point) * scale */
#define ${PREFIX}_INPUT_HEIGHT ${inputShape(graph)[0]}
#define ${PREFIX}_INPUT_WIDTH ${inputShape(graph)[1]}
#define ${PREFIX}_INPUT_CHANNELS ${inputShape(graph)[2]}
#define ${PREFIX}_INPUT_BYTES ${sizes.input}
#define ${PREFIX}_INPUT_SCALE ${floatText(inputParams.scale)}
#define ${PREFIX}_INPUT_ZERO_POINT (${inputParams.zeroPoint})
#define ${PREFIX}_OUTPUT_BYTES ${sizes.output}
#define ${PREFIX}_OUTPUT_SCALE ${floatText(outputParams.scale)}
#define ${PREFIX}_OUTPUT_ZERO_POINT (${outputParams.zeroPoint})
/* RAM of the network, input and output included; the rest is stack */
#define ${PREFIX}_ARENA_BYTES ${plan.totalBytes}

/* Runs the network once and returns 0. A null input: the values were written to ${prefix}_input(). A null output: read
   ${prefix}_output(). Neither is kept beyond the next call; not reentrant. */
int ${prefix}_invoke(const int8_t *input, int8_t *output);
int8_t *${prefix}_input(void);
const int8_t *${prefix}_output(void);

#ifdef __cplusplus
}
#endif
#endif
`
  return { headerName, header, sourceName: `${prefix}_model.c`, source, arenaBytes: plan.totalBytes, inputOffset: input.offset }
}

/** The pieces, each once, behind those they need. */
function pieceText(names: readonly PieceName[]): string {
  const all: Readonly<Record<string, Piece>> = { ...weightKernels, ...int4Kernels, ...plainKernels }
  const placed = new Set<string>()
  const place = (name: string): void => {
    if (placed.has(name)) return
    for (const before of all[name]!.needs) place(before)
    placed.add(name)
  }
  for (const name of names) place(name)
  return [...placed].map((name) => all[name]!.code).join('\n')
}

function describe(graph: Graph, i: number): string {
  const op = graph.ops[i]!
  const window = 'kernel' in op ? ` ${op.kernel.join('x')} / ${op.stride.join('x')}` : ''
  return `${op.kind}${window}${weightBitsOf(op) === 4 ? ', weights in 4 bits' : ''}, ${op.inputs.map((t) => graph.shapes[t]!.join('x')).join(' and ')} -> ${graph.shapes[outputOf(i)]!.join('x')}`
}
