import { type KernelSet, tflmArena } from '../../graph/arena.ts'
import type { OpKind } from '../../graph/graph.ts'
import { weightBitsOf } from '../../graph/traits.ts'
import type { QuantizedModel } from '../../quant/model.ts'
import { arrayText, stringText } from '../c/text.ts'
import type { ExportMeta } from '../meta.ts'
import type { Golden } from '../sample.ts'
import { writeTflite } from '../tflite-write.ts'
import type { ExportFile } from './file.ts'

/** The .tflite file as an array for TensorFlow Lite Micro, with the operators it needs and the arena it takes. */
export function cArrayBundle(model: QuantizedModel, meta: ExportMeta, golden: Golden): ExportFile[] {
  const file = writeTflite(model)
  return [
    { path: 'model_data.h', data: dataHeader(file.length, model, meta) },
    { path: 'model_data.cc', data: dataSource(file) },
    { path: 'model_sample.h', data: sampleHeader(golden) },
    { path: 'model_runner.cc', data: runner(model) },
    { path: 'README.md', data: readme(meta.name) },
  ]
}

function dataHeader(bytes: number, model: QuantizedModel, { labels }: ExportMeta): string {
  const perChannelDense = (i: number) => (model.layers[i]?.kernels[0].weightScales.length ?? 0) > 1
  const arena = (kernels: KernelSet, abi: 'arm' | '32') => tflmArena(model.graph, { kernels, abi, perChannelDense }).requiredBytes
  const [input, output] = [model.tensors[0]!, model.tensors.at(-1)!]
  return `// Made by tinyfront.
#ifndef MODEL_DATA_H_
#define MODEL_DATA_H_
#include <stdint.h>

extern const unsigned char model_data[];
const unsigned int model_data_size = ${bytes};

// The smallest arena with which AllocateTensors() succeeds, computed for these kernels and tflite-micro of August 2026; versions differ by
// some hundred bytes, hence the margin. MicroInterpreter::arena_used_bytes() says what yours takes.
#if defined(__ARM_FEATURE_MVE)
const int model_arena_size = ${arena('cmsis-nn-mve', 'arm')} + 1024;  // CMSIS-NN, Helium
#elif defined(__ARM_FEATURE_DSP)
const int model_arena_size = ${arena('cmsis-nn-dsp', 'arm')} + 1024;  // CMSIS-NN, DSP extension
#elif defined(__arm__)
const int model_arena_size = ${arena('cmsis-nn', 'arm')} + 1024;  // CMSIS-NN, plain C
#elif UINTPTR_MAX > 0xFFFFFFFF
const int model_arena_size = ${tflmArena(model.graph, { kernels: 'reference', abi: '64', perChannelDense }).requiredBytes} + 1024;  // a host
#else
const int model_arena_size = ${arena('reference', '32')} + 1024;  // reference kernels
#endif

const float model_input_scale = ${input.scale}f;
const int model_input_zero_point = ${input.zeroPoint};
const float model_output_scale = ${output.scale}f;
const int model_output_zero_point = ${output.zeroPoint};
const int model_label_count = ${labels.length};
${labels.length > 0 ? `const char* const model_labels[] = {${labels.map(stringText).join(', ')}};\n` : ''}
#endif
`
}

const dataSource = (file: Uint8Array): string => `// Made by tinyfront.
#include "model_data.h"

alignas(16) ${arrayText('unsigned char', 'model_data', file).replace('static const', 'const')}`

const sampleHeader = ({
  input,
  output,
}: Golden): string => `// Made by tinyfront. A sample and the output it must have, byte for byte.
#ifndef MODEL_SAMPLE_H_
#define MODEL_SAMPLE_H_
#include <stdint.h>

${arrayText('int8_t', 'model_sample_input', input)}
${arrayText('int8_t', 'model_sample_output', output)}
#endif
`

/** Method of MicroMutableOpResolver, and the registration without float kernels where there is one; that knows no weights in 4 bits. */
const registrations: Readonly<Record<OpKind, readonly [method: string, int8?: string]>> = {
  conv2d: ['AddConv2D', 'Register_CONV_2D_INT8'],
  depthwise: ['AddDepthwiseConv2D', 'Register_DEPTHWISE_CONV_2D_INT8'],
  dense: ['AddFullyConnected'],
  add: ['AddAdd', 'Register_ADD_INT8'],
  mul: ['AddMul'],
  averagePool: ['AddAveragePool2D', 'Register_AVERAGE_POOL_2D_INT8'],
  maxPool: ['AddMaxPool2D'],
  mean: ['AddMean'],
  softmax: ['AddSoftmax', 'Register_SOFTMAX_INT8'],
  reshape: ['AddReshape'],
  pad: ['AddPad'],
  concat: ['AddConcatenation'],
  quantize: ['AddQuantize'],
  hardSwish: ['AddHardSwish'],
}

function runner({ graph }: QuantizedModel): string {
  const kinds = [...new Set(graph.ops.map((op) => op.kind))]
  const narrow = new Set(graph.ops.flatMap((op) => (weightBitsOf(op) === 4 ? [op.kind] : [])))
  const add = (kind: OpKind, small: boolean): string => {
    const [method, int8] = registrations[kind]
    return `  TF_LITE_ENSURE_STATUS(resolver.${method}(${small && int8 && !narrow.has(kind) ? `tflite::${int8}()` : ''}));`
  }
  return `// Made by tinyfront. Runs the model in TensorFlow Lite Micro; model_self_test() runs the sample.
#include <cstring>

#include "model_data.h"
#include "model_sample.h"
#include "tensorflow/lite/micro/micro_interpreter.h"
#include "tensorflow/lite/micro/micro_mutable_op_resolver.h"
#include "tensorflow/lite/schema/schema_generated.h"

namespace {
alignas(16) uint8_t arena[model_arena_size];
tflite::MicroMutableOpResolver<${kinds.length}> resolver;

TfLiteStatus RegisterOps() {
#if defined(TINYFRONT_INT8_KERNELS)  // leaves float kernels out: less flash, needs tflite-micro of 2023 or later
${kinds.map((kind) => add(kind, true)).join('\n')}
#else
${kinds.map((kind) => add(kind, false)).join('\n')}
#endif
  return kTfLiteOk;
}

tflite::MicroInterpreter* Interpreter() {
  static bool ready = RegisterOps() == kTfLiteOk;
  static tflite::MicroInterpreter interpreter(tflite::GetModel(model_data), resolver, arena, model_arena_size);
  static bool allocated = ready && interpreter.AllocateTensors() == kTfLiteOk;
  return allocated ? &interpreter : nullptr;
}
}  // namespace

// 0 on success.
int model_invoke(const int8_t* input, int8_t* output) {
  tflite::MicroInterpreter* interpreter = Interpreter();
  if (interpreter == nullptr) return 1;
  std::memcpy(interpreter->input(0)->data.int8, input, interpreter->input(0)->bytes);
  if (interpreter->Invoke() != kTfLiteOk) return 2;
  std::memcpy(output, interpreter->output(0)->data.int8, interpreter->output(0)->bytes);
  return 0;
}

// 0 if the sample gives the expected output.
int model_self_test() {
  static int8_t output[sizeof(model_sample_output)];
  if (model_invoke(model_sample_input, output) != 0) return 1;
  return std::memcmp(output, model_sample_output, sizeof(output)) != 0;
}
`
}

const readme = (name: string): string => `# ${name}: an int8 network for TensorFlow Lite Micro

Add the three sources to a project that has tflite-micro. \`model_invoke(input, output)\` runs the network, \`model_self_test()\` returns 0
where your build computes the expected bytes. \`-DTINYFRONT_INT8_KERNELS\` leaves float kernels out of the image.
`
