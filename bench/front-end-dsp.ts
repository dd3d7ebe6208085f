/**
 * What a log-mel and an MFCC front end cost with CMSIS-DSP in float32 on emulated cores: `DSP=path/to/cmsisdsp-1.10.3 npx tsx bench/front-end-dsp.ts` (the source
 * distribution of PyPI's cmsisdsp holds the library). Beside the integers of our own export, whose counts src/device/front-end.ts holds.
 */
import { join, resolve } from 'node:path'
import type { CoreName } from '../src/verify/cores.ts'
import { emulateFrontEnd } from '../src/verify/emulate-front-end.ts'

const folder = process.env.DSP
if (folder === undefined) {
  console.log('DSP is not set: where the source of cmsisdsp lies')
  process.exit(0)
}
const dsp = resolve(folder)
// the compiler of the emulator's programs takes no folders of ours
process.env.C_INCLUDE_PATH = ['Include', 'PrivateInclude', 'Include/dsp'].map((sub) => join(dsp, sub)).join(':')
const from = (name: string): string => `#include "${join(dsp, name)}"`

/** Taps of a mel filter: bins of the spectrum that each of `mels` triangles covers, twice the spectrum in all. */
const taps = (fft: number, mels: number): number => Math.ceil(fft / mels)

/** One translation unit: library, a frame, and whether cepstra follow. */
function source(fft: number, mels: number, cepstra: number): string {
  const wide = taps(fft, mels)
  return `#define __GNUC_PYTHON__
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stddef.h>
#include <stdint.h>
#include "tinyfront_features.h"
void *memcpy(void *to, const void *of, size_t n) { char *t = to; const char *o = of; while (n--) *t++ = *o++; return to; }
void *memset(void *to, int v, size_t n) { char *t = to; while (n--) *t++ = (char)v; return to; }
${['arm_cfft_f32.c', 'arm_cfft_init_f32.c', 'arm_cfft_radix8_f32.c', 'arm_bitreversal2.c', 'arm_rfft_fast_f32.c', 'arm_rfft_fast_init_f32.c'].map((n) => from(`Source/TransformFunctions/${n}`)).join('\n')}
${['arm_common_tables.c', 'arm_const_structs.c'].map((n) => from(`Source/CommonTables/${n}`)).join('\n')}
${from('Source/ComplexMathFunctions/arm_cmplx_mag_squared_f32.c')}
${from('Source/BasicMathFunctions/arm_mult_f32.c')}
${from('Source/BasicMathFunctions/arm_dot_prod_f32.c')}
static float32_t window[${fft}], filters[${mels * wide}], samples[${fft}], spectrum[${fft}], power[${fft / 2 + wide}], energies[${mels}], cosines[${Math.max(1, cepstra * mels)}];
static arm_rfft_fast_instance_f32 plan;
static int ready;
/* log2 by the exponent and a polynomial of the mantissa: no C library is linked */
static float32_t log2of(float32_t x) {
  union { float32_t f; uint32_t u; } v = {x + 1e-6f};
  const float32_t e = (float32_t)((int32_t)(v.u >> 23) - 127);
  v.u = (v.u & 0x7FFFFFu) | 0x3F800000u;
  return e - 2.153620718f + v.f * (3.047884161f + v.f * (-1.051875031f + v.f * 0.158248719f));
}
void tinyfront_frame(const int16_t *in, int8_t *row) {
  if (!ready) { arm_rfft_fast_init_f32(&plan, ${fft}); ready = 1; }
  for (int32_t i = 0; i < ${fft}; i++) samples[i] = (float32_t)in[i];
  arm_mult_f32(samples, window, samples, ${fft});
  arm_rfft_fast_f32(&plan, samples, spectrum, 0);
  arm_cmplx_mag_squared_f32(spectrum, power, ${fft / 2});
  for (int32_t m = 0; m < ${mels}; m++) {
    float32_t sum;
    arm_dot_prod_f32(power + (m * ${fft / 2}) / ${mels}, filters + m * ${wide}, ${wide}, &sum);
    energies[m] = log2of(sum);
  }
  for (int32_t m = 0; m < ${mels}; m++) {
    float32_t value = energies[m];
    ${cepstra > 0 ? `if (m < ${cepstra}) arm_dot_prod_f32(energies, cosines + m * ${mels}, ${mels}, &value);` : ''}
    row[m] = (int8_t)value;
  }
}
`
}

const header = (fft: number, mels: number) => `#include <stdint.h>
#define TINYFRONT_WINDOW_SAMPLES ${fft}
#define TINYFRONT_MELS ${mels}
void tinyfront_frame(const int16_t *samples, int8_t *row);
`

const cores: readonly CoreName[] = ['cortex-m4', 'cortex-m7', 'cortex-m33', 'cortex-m55', 'cortex-m0']
for (const core of cores)
  for (const [fft, mels] of [
    [256, 20],
    [512, 40],
    [1024, 40],
  ] as const)
    for (const cepstra of [0, 13]) {
      // the first window plans the transform; the most of the later ones is what a stream pays, so all are alike but the first
      const windows = Array.from({ length: 3 }, (_, n) =>
        Int16Array.from({ length: fft }, (_, i) => ((i * 7919 * (n + 1)) % 20000) - 10000),
      )
      const report = await emulateFrontEnd({ header: header(fft, mels), source: source(fft, mels, cepstra) }, core, windows)
      if (report.status !== 'ran') {
        console.log(`${core} ${fft}/${mels}/${cepstra}: ${'message' in report ? report.message : report.status}`)
        continue
      }
      const { instructions, codeBytes, constantBytes, ramBytes } = report
      console.log(
        `${core.padEnd(11)} FFT ${fft}, ${mels} bands${cepstra > 0 ? `, ${cepstra} cepstra` : ''}: ${instructions} instructions a window, code ${codeBytes}, tables ${constantBytes}, RAM ${ramBytes}`,
      )
    }
