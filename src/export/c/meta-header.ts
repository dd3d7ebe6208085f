import { inputShape } from '../../graph/graph.ts'
import { quantiseInput } from '../../quant/input.ts'
import type { QuantizedModel } from '../../quant/model.ts'
import type { ExportMeta } from '../meta.ts'
import { constantText, floatText, stringText } from './text.ts'

/**
 * `tinyfront_meta.h`: what firmware needs beside the network, as C. Labels, the way from raw values to int8, the way from int8 to a result,
 * and the front end's parameters as constants.
 */
export function metaHeader(model: QuantizedModel, meta: ExportMeta): string {
  const parts = [
    inputText(model, meta),
    meta.labels.length > 0 ? labelText(meta) : meta.frontEnd.kind === 'forecast' ? forecastText(meta) : valueText,
    frontEndText(meta.frontEnd),
  ]
  return `/* Made by tinyfront. What firmware needs beside the network "${commentText(meta.name)}". */
#ifndef TINYFRONT_META_H
#define TINYFRONT_META_H
#include <stdint.h>
#include "tinyfront_model.h"

#define TINYFRONT_NAME ${stringText(meta.name)}

${parts.join('\n')}
#endif
`
}

/** Text that cannot end a comment. */
const commentText = (text: string): string => text.replace(/[^\x20-\x7e]/g, ' ').replaceAll('*/', '* /')

function inputText(model: QuantizedModel, { normalisation, frontEnd }: ExportMeta): string {
  const channels = inputShape(model.graph)[2]
  const of = (values: readonly number[], c: number) => values[values.length === 1 ? 0 : c]!
  const columns = Array.from({ length: channels }, (_, c) => [of(normalisation.offset, c), of(normalisation.scale, c)] as const)
  if (frontEnd.range === '0..255') {
    const raw = Array.from({ length: 256 }, (_, v) => v)
    const rows = columns.map(([offset, scale]) => {
      const values = quantiseInput(
        Float32Array.from(raw, (v) => (v - offset) * scale),
        model.tensors[0]!,
      )
      return `    {${Array.from(values).join(',')}},`
    })
    return `/* int8 input of a raw byte 0..255 of one channel. */
static inline int8_t tinyfront_quantise(uint8_t raw, int32_t channel) {
  static const int8_t table[${channels}][256] = {
${rows.join('\n')}
  };
  return table[channel][raw];
}
`
  }
  return `/* int8 input of a raw value of one channel: (raw - offset) * scale, then in steps of TINYFRONT_INPUT_SCALE, halves away from zero.
   In double, as training did it; float differs in a last step now and then. */
static inline int8_t tinyfront_quantise(float raw, int32_t channel) {
  static const double offset[${channels}] = {${columns.map(([offset]) => offset).join(', ')}};
  static const double scale[${channels}] = {${columns.map(([, scale]) => scale).join(', ')}};
  const float real = (float)(((double)raw - offset[channel]) * scale[channel]);
  const float steps = (float)((double)real / (double)TINYFRONT_INPUT_SCALE);
  int32_t q;
  if (steps > 512.0f) return 127;
  if (steps < -512.0f) return -128;
  q = TINYFRONT_INPUT_ZERO_POINT + (int32_t)(steps < 0.0f ? (double)steps - 0.5 : (double)steps + 0.5);
  return (int8_t)(q < -128 ? -128 : q > 127 ? 127 : q);
}
`
}

const labelText = ({ labels }: ExportMeta): string => `#define TINYFRONT_LABEL_COUNT ${labels.length}

static inline const char *tinyfront_label(int32_t index) {
  static const char *const labels[TINYFRONT_LABEL_COUNT] = {
${labels.map((label) => `    ${stringText(label)},`).join('\n')}
  };
  return labels[index];
}

/* Index of the largest output, the first of equals. */
static inline int32_t tinyfront_best(const int8_t *output) {
  int32_t best = 0;
  for (int32_t i = 1; i < TINYFRONT_OUTPUT_BYTES; i++)
    if (output[i] > output[best]) best = i;
  return best;
}
`

const valueText = `/* The predicted value. */
static inline float tinyfront_value(const int8_t *output) {
  return (float)(output[0] - TINYFRONT_OUTPUT_ZERO_POINT) * TINYFRONT_OUTPUT_SCALE;
}
`

/** Outputs are changes, horizon by horizon and target by target. */
const forecastText = ({
  frontEnd,
}: ExportMeta): string => `/* The forecast of output \`which\` (0 to ${(frontEnd.horizons as number[]).length * (frontEnd.targets as string[]).length - 1}; horizon by horizon, target by target), where the target is \`last\` now. */
static inline float tinyfront_forecast(const int8_t *output, int32_t which, float last) {
  return last + (float)(output[which] - TINYFRONT_OUTPUT_ZERO_POINT) * TINYFRONT_OUTPUT_SCALE;
}
`

/** `{ mel: { bands: 40 } }` becomes `#define TINYFRONT_FRONT_END_MEL_BANDS 40`. */
function frontEndText(frontEnd: ExportMeta['frontEnd']): string {
  const lines: string[] = []
  const walk = (name: string, value: unknown): void => {
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      for (const [key, inner] of Object.entries(value)) walk(`${name}_${constantText(key)}`, inner)
    } else lines.push(`#define ${name} ${literal(value)}`)
  }
  walk('TINYFRONT_FRONT_END', frontEnd)
  return lines.length === 0 ? '' : `/* How raw data become the input. */\n${lines.join('\n')}\n`
}

function literal(value: unknown): string {
  if (Array.isArray(value)) return `{${value.map(literal).join(', ')}}`
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : floatText(value)
  return stringText(String(value))
}
