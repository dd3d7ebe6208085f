import { framesOf, type LogMelTables, levelsPerOctave, logMelTables, valueOfLevel } from '../../data/log-mel.ts'
import { logMelOf } from '../../data/seen-as.ts'
import { inputShape } from '../../graph/graph.ts'
import { quantiseInput } from '../../quant/input.ts'
import type { QuantizedModel, QuantParams } from '../../quant/model.ts'
import type { ExportMeta } from '../meta.ts'
import { arrayText } from './text.ts'

/** The front end of a network on sounds, as C: the very int8 input that training and evaluation computed. */
export type FrontEndC = { readonly header: string; readonly source: string }

export const frontEndNames = { header: 'tinyfront_features.h', source: 'tinyfront_features.c' } as const

const [qMin, qMax] = [-128, 127]

/** The front end of a network whose data went through one that there is C for. */
export function frontEndC(model: QuantizedModel, { frontEnd, normalisation }: ExportMeta): FrontEndC | undefined {
  const front = logMelOf(frontEnd)
  if (!front) return undefined
  // a network that asks for another resolution would see other pictures than these
  const [rows, columns] = inputShape(model.graph)
  if (rows !== framesOf(front, front.clipSamples) || columns !== front.mels) return undefined
  return logMelC(logMelTables(front), front.clipSamples, model.tensors[0]!, normalisation)
}

/** `clipSamples`: the samples that one input of the network is made of. */
export function logMelC(
  tables: LogMelTables,
  clipSamples: number,
  input: QuantParams,
  normalisation: ExportMeta['normalisation'],
): FrontEndC {
  const { windowSamples, hopSamples, mels } = tables
  const header = `/* Made by tinyfront. From 16-bit samples to the network's int8 input: log-mel energies in integers, bit for bit what training saw. */
#ifndef TINYFRONT_FEATURES_H
#define TINYFRONT_FEATURES_H
#include <stdint.h>

#define TINYFRONT_SAMPLE_RATE ${tables.sampleRate}
#define TINYFRONT_WINDOW_SAMPLES ${windowSamples}
#define TINYFRONT_HOP_SAMPLES ${hopSamples}
#define TINYFRONT_MELS ${mels}
#define TINYFRONT_FRAMES ${framesOf(tables, clipSamples)}
#define TINYFRONT_CLIP_SAMPLES ${clipSamples}

#ifdef __cplusplus
extern "C" {
#endif
/* One row of the input, int8[TINYFRONT_MELS], from TINYFRONT_WINDOW_SAMPLES samples. Windows begin every TINYFRONT_HOP_SAMPLES. */
void tinyfront_frame(const int16_t *samples, int8_t *row);

/* The whole input, int8[TINYFRONT_FRAMES * TINYFRONT_MELS], from TINYFRONT_CLIP_SAMPLES samples. */
void tinyfront_features(const int16_t *clip, int8_t *input);

/* A stream: takes TINYFRONT_HOP_SAMPLES samples, and moves the input on by one row. 1 once all rows are there. Zero the state to begin. */
typedef struct {
  int16_t window[TINYFRONT_WINDOW_SAMPLES];
  int32_t samples, rows;
} tinyfront_stream;
int tinyfront_push(tinyfront_stream *stream, const int16_t *hop, int8_t *input);
#ifdef __cplusplus
}
#endif
#endif
`
  return { header, source: sourceText(tables, thresholds(tables, input, normalisation)) }
}

/**
 * The smallest level whose int8 input is -127, -126, ... 127. Found with the very functions that evaluation uses, so that firmware needs no arithmetic on
 * reals: an input is a monotone function of its level.
 */
function thresholds(
  tables: LogMelTables,
  input: QuantParams,
  { offset: [offset = 0], scale: [scale = 1] }: ExportMeta['normalisation'],
): Int32Array {
  const int8Of = (level: number) => quantiseInput(Float32Array.of((valueOfLevel(level, tables) - offset) * scale), input)[0]!
  return Int32Array.from({ length: qMax - qMin }, (_, i) => {
    let [low, high] = [0, maxLevel]
    while (low < high) {
      const middle = (low + high) >> 1
      if (int8Of(middle) > qMin + i) high = middle
      else low = middle + 1
    }
    return low
  })
}

/** Above every level: energies are below 2^53 and scaled by at most 2^34. */
const maxLevel = 90 * levelsPerOctave

function sourceText(tables: LogMelTables, bounds: Int32Array): string {
  const { fftSize, windowShift, window, cosines, filters, logarithms, offset } = tables
  const points = fftSize / 2
  const starts: number[] = [0]
  for (const { weights } of filters) starts.push(starts.at(-1)! + weights.length)
  return `/* Made by tinyfront. Freestanding C99 that needs an arithmetic >> of negative numbers, as every compiler has it. */
#include "${frontEndNames.header}"

#define POINTS ${points} /* of the complex FFT that serves ${fftSize} real values */
#define QUARTER ${fftSize / 4}

/* Hann window, Q15 */
${arrayText('uint16_t', 'window', window)}
/* cos(2 pi k / ${fftSize}), Q15 */
${arrayText('int16_t', 'cosine', cosines)}
/* Triangles, Q12: the first bin of each band, where its weights begin, and all weights */
${arrayText(
  'uint16_t',
  'first_bin',
  filters.map((f) => f.first),
)}
${arrayText('uint16_t', 'first_weight', starts)}
${arrayText(
  'uint16_t',
  'weight',
  filters.flatMap((f) => Array.from(f.weights)),
)}
/* log2(1 + i / 64), Q14 */
${arrayText('uint16_t', 'logarithm', logarithms)}
/* The smallest level, 1/1024 of an octave of energy, of each int8 value from -127 on */
${arrayText('int32_t', 'bound', bounds)}
static int32_t z[2 * POINTS];

static inline int32_t sine(int32_t k) { return cosine[k < QUARTER ? QUARTER - k : k - QUARTER]; }

${fftText}
static int8_t int8_of(int32_t level) {
  int32_t low = 0, high = ${bounds.length};
  while (low < high) {
    const int32_t middle = (low + high) >> 1;
    if (bound[middle] <= level) low = middle + 1;
    else high = middle;
  }
  return (int8_t)(low - 128);
}

${squareText}
void tinyfront_frame(const int16_t *samples, int8_t *row) {
  int32_t i, m, exponent = 0, near;
  uint32_t any = 0;
  uint64_t added;
  for (i = 0; i < TINYFRONT_WINDOW_SAMPLES; i++) z[i] = ((int32_t)samples[i] * window[i] + ${1 << (windowShift - 1)}) >> ${windowShift};
  for (; i < 2 * POINTS; i++) z[i] = 0;
  fft();
  for (i = 0; i < 2 * POINTS; i++) any |= (uint32_t)(z[i] < 0 ? -z[i] : z[i]);
  while (any >> 15 >> exponent) exponent++;
  near = exponent ? 1 << (exponent - 1) : 0;
  added = UINT64_C(${offset}) >> (2 * exponent);
  for (m = 0; m < TINYFRONT_MELS; m++) {
    uint64_t energy = added;
    int32_t k = first_bin[m];
    for (i = first_weight[m]; i < first_weight[m + 1]; i++, k++) {
      const uint32_t power = k == 0        ? square(z[0], near, exponent)
                             : k == POINTS ? square(z[1], near, exponent)
                                           : square(z[2 * k], near, exponent) + square(z[2 * k + 1], near, exponent);
      energy += (uint64_t)weight[i] * power;
    }
    row[m] = int8_of(level_of(energy ? energy : 1) + 2048 * exponent);
  }
}

${clipText}
${streamText(tables)}`
}

const streamText = ({
  windowSamples,
  hopSamples,
}: LogMelTables): string => `int tinyfront_push(tinyfront_stream *stream, const int16_t *hop, int8_t *input) {
  int32_t i, from = 0;
${
  hopSamples > windowSamples
    ? `  from = TINYFRONT_HOP_SAMPLES - TINYFRONT_WINDOW_SAMPLES; /* samples between two windows are not heard */
  for (i = 0; i < TINYFRONT_WINDOW_SAMPLES; i++) stream->window[i] = hop[from + i];
  stream->samples = TINYFRONT_WINDOW_SAMPLES;`
    : `  for (i = TINYFRONT_HOP_SAMPLES; i < TINYFRONT_WINDOW_SAMPLES; i++) stream->window[i - TINYFRONT_HOP_SAMPLES] = stream->window[i];
  for (i = TINYFRONT_WINDOW_SAMPLES - TINYFRONT_HOP_SAMPLES; i < TINYFRONT_WINDOW_SAMPLES; i++) stream->window[i] = hop[from++];
  if (stream->samples < TINYFRONT_WINDOW_SAMPLES) stream->samples += TINYFRONT_HOP_SAMPLES;`
}
  if (stream->samples < TINYFRONT_WINDOW_SAMPLES) return 0;
  for (i = 0; i < (TINYFRONT_FRAMES - 1) * TINYFRONT_MELS; i++) input[i] = input[i + TINYFRONT_MELS];
  tinyfront_frame(stream->window, input + (TINYFRONT_FRAMES - 1) * TINYFRONT_MELS);
  if (stream->rows < TINYFRONT_FRAMES) stream->rows++;
  return stream->rows == TINYFRONT_FRAMES;
}
`

const fftText = `static void fft(void) {
  int32_t i, j, k, span, bit;
  for (i = 1, j = 0; i < POINTS; i++) {
    for (bit = POINTS >> 1; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      const int32_t re = z[2 * i], im = z[2 * i + 1];
      z[2 * i] = z[2 * j];
      z[2 * i + 1] = z[2 * j + 1];
      z[2 * j] = re;
      z[2 * j + 1] = im;
    }
  }
  for (span = 1; span < POINTS; span *= 2)
    for (k = 0; k < span; k++) {
      const int32_t c = cosine[k * (POINTS / span)], s = sine(k * (POINTS / span));
      int32_t *a = z + 2 * k;
      for (; a < z + 2 * POINTS; a += 4 * span) {
        int32_t *const b = a + 2 * span;
        const int32_t re = (int32_t)(((int64_t)b[0] * c + (int64_t)b[1] * s + 16384) >> 15);
        const int32_t im = (int32_t)(((int64_t)b[1] * c - (int64_t)b[0] * s + 16384) >> 15);
        b[0] = a[0] - re;
        b[1] = a[1] - im;
        a[0] += re;
        a[1] += im;
      }
    }
  i = z[0];
  z[0] = i + z[1];
  z[1] = i - z[1];
  for (k = 1; k <= QUARTER; k++) {
    int32_t *const a = z + 2 * k, *const b = z + 2 * (POINTS - k);
    const int64_t sum_re = (int64_t)(a[0] + b[0]) * 32768, difference_im = (int64_t)(a[1] - b[1]) * 32768;
    const int32_t odd_re = a[1] + b[1], odd_im = b[0] - a[0];
    const int64_t re = (int64_t)odd_re * cosine[k] + (int64_t)odd_im * sine(k);
    const int64_t im = (int64_t)odd_im * cosine[k] - (int64_t)odd_re * sine(k);
    b[0] = (int32_t)((sum_re - re + 32768) >> 16);
    b[1] = (int32_t)((im - difference_im + 32768) >> 16);
    a[0] = (int32_t)((sum_re + re + 32768) >> 16);
    a[1] = (int32_t)((difference_im + im + 32768) >> 16);
  }
}

/* log2 of 1 ... 2^53 in 1/1024: the highest bit, and a straight line between 65 points */
static int32_t level_of(uint64_t energy) {
  uint32_t top = (uint32_t)(energy >> 32), fraction, between;
  int32_t bit = top ? 32 : 0, step;
  if (!top) top = (uint32_t)energy;
  for (step = 16; step; step >>= 1)
    if (top >> step) {
      top >>= step;
      bit += step;
    }
  fraction = (uint32_t)(bit >= 16 ? energy >> (bit - 16) : energy << (16 - bit)) & 0xffffu;
  between = ((uint32_t)(logarithm[(fraction >> 10) + 1] - logarithm[fraction >> 10]) * (fraction & 1023u) + 512u) >> 10;
  return bit * 1024 + (int32_t)((logarithm[fraction >> 10] + between + 8u) >> 4);
}
`

const squareText = `static inline uint32_t square(int32_t value, int32_t near, int32_t exponent) {
  const int32_t scaled = (value + near) >> exponent;
  return (uint32_t)(scaled * scaled);
}
`

const clipText = `void tinyfront_features(const int16_t *clip, int8_t *input) {
  int32_t f;
  for (f = 0; f < TINYFRONT_FRAMES; f++) tinyfront_frame(clip + f * TINYFRONT_HOP_SAMPLES, input + f * TINYFRONT_MELS);
}
`
