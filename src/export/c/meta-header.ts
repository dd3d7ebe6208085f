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
  return `${normaliseText(columns)}
/* int8 input of a raw value of one channel: normalised, in steps of TINYFRONT_INPUT_SCALE, halves away from zero. */
static inline int8_t tinyfront_quantise(float raw, int32_t channel) {
  const float steps = tinyfront_normalise(raw, channel) / TINYFRONT_INPUT_SCALE;
  int32_t q;
  float rest;
  if (steps > 512.0f) return 127;
  if (steps < -512.0f) return -128;
  q = (int32_t)steps;
  rest = steps - (float)q;
  q += TINYFRONT_INPUT_ZERO_POINT + (rest >= 0.5f) - (rest <= -0.5f);
  return (int8_t)(q < -128 ? -128 : q > 127 ? 127 : q);
}
`
}

const round53Text = `/* Top 53 of 64 bits, to the nearest, ties to even; bit 63 is set before and after. */
static inline uint64_t tinyfront_round53(uint64_t a, int32_t *exponent) {
  const uint64_t sum = a + 1023u + ((a >> 11) & 1u);
  if (sum >= a) return sum & ~UINT64_C(2047);
  ++*exponent;
  return UINT64_C(1) << 63;
}
`

/** A difference of 53 bits times the scale, as the bits of a float. */
const productText = `  b = ((scale[channel] & fraction) | (fraction + 1)) << 11;
  negative ^= (uint32_t)(scale[channel] >> 63);
  e += (int32_t)((scale[channel] >> 52) & 2047u) - 1086 + 64;
  low = (a & 0xffffffffu) * (b & 0xffffffffu);
  mid = (a >> 32) * (b & 0xffffffffu) + (low >> 32);
  sum = (a & 0xffffffffu) * (b >> 32) + (mid & 0xffffffffu);
  low = sum << 32 | (low & 0xffffffffu);
  a = (a >> 32) * (b >> 32) + (mid >> 32) + (sum >> 32);
  if (!(a >> 63)) {
    a = a << 1 | low >> 63;
    low <<= 1;
    e--;
  }
  a = tinyfront_round53(a | (low != 0), &e);
  sum = a + ((UINT64_C(1) << 39) - 1) + ((a >> 40) & 1u);
  if (sum < a) {
    sum = UINT64_C(1) << 63;
    e++;
  }
  e += 190;
  if (e <= 0) return 0.0f;
  x.bits = negative << 31 | (e >= 255 ? 0x7f800000u : (uint32_t)e << 23 | ((uint32_t)(sum >> 40) & 0x7fffffu));
`

/**
 * Training normalises in doubles, and a float differs from them in a last step now and then. Their sums and products are made of integers here, rounded as
 * IEEE 754 says: cores without doubles would pull a library for them.
 */
const normaliseText = (columns: readonly (readonly [offset: number, scale: number])[]): string => {
  const bits = (value: number) => `UINT64_C(0x${new BigUint64Array(Float64Array.of(value).buffer)[0]!.toString(16)})`
  return `${round53Text}
/* (raw - offset) * scale of one channel: rounded as doubles are, then to a float, in integers. Values below the smallest normal float are 0. */
static inline float tinyfront_normalise(float raw, int32_t channel) {
  static const uint64_t offset[${columns.length}] = {${columns.map(([o]) => bits(o)).join(', ')}}; /* doubles */
  static const uint64_t scale[${columns.length}] = {${columns.map(([, s]) => bits(s)).join(', ')}};
  const uint64_t fraction = (UINT64_C(1) << 52) - 1;
  union {
    float real;
    uint32_t bits;
  } x;
  uint64_t a, b, low, mid, sum;
  uint32_t negative, other, part;
  int32_t e, f, n;
  x.real = raw;
  part = (x.bits >> 23) & 255u;
  a = (uint64_t)((x.bits & 0x7fffffu) | (part ? 0x800000u : 0u)) << 38;
  e = (int32_t)(part ? part : 1u) - 188;
  negative = x.bits >> 31;
  part = (uint32_t)(offset[channel] >> 52) & 2047u;
  b = ((offset[channel] & fraction) | (part ? fraction + 1 : 0)) << 9;
  f = (int32_t)(part ? part : 1u) - 1084;
  other = !(offset[channel] >> 63);
  if (e < f) {
    const uint64_t c = a;
    const uint32_t sign = negative;
    a = b;
    b = c;
    n = f - e;
    e = f;
    negative = other;
    other = sign;
  } else {
    n = e - f;
  }
  if (n > 63) b = b != 0;
  else if (n) b = b >> n | (b << (64 - n) != 0);
  if (negative == other) {
    a += b;
  } else if (a >= b) {
    a -= b;
  } else {
    a = b - a;
    negative = other;
  }
  if (a == 0) return 0.0f;
  for (; !(a >> 63); a <<= 1) e--;
  a = tinyfront_round53(a, &e);
${productText}  return x.real;
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
