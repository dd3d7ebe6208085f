import { frontEndWork } from '../../data/seen-as.ts'
import type { CoreName } from '../../device/cores.ts'
import { type LogMelWork, logMelCost, windowInstructions } from '../../device/front-end.ts'
import type { QuantizedModel } from '../../quant/model.ts'
import { detectorHeader, detectorName } from '../c/detector.ts'
import { generateC } from '../c/generate.ts'
import { frontEndC, frontEndNames } from '../c/log-mel.ts'
import { metaHeader } from '../c/meta-header.ts'
import { arrayText } from '../c/text.ts'
import type { ExportMeta } from '../meta.ts'
import type { Golden } from '../sample.ts'
import type { ExportFile } from './file.ts'

/** The network, its front end, labels and input scaling, and a sample with its expected output, as C in `folder` ('' or ending in '/'). */
export function cFiles(model: QuantizedModel, meta: ExportMeta, golden: Golden, folder: string): ExportFile[] {
  const c = generateC(model)
  const front = frontEndC(model, meta)
  return [
    { path: folder + c.headerName, data: c.header },
    { path: folder + c.sourceName, data: c.source },
    ...(front
      ? [
          { path: folder + frontEndNames.header, data: front.header },
          { path: folder + frontEndNames.source, data: front.source },
          ...(meta.labels.length > 0 ? [{ path: folder + detectorName, data: detectorHeader(meta.labels) }] : []),
        ]
      : []),
    { path: `${folder}tinyfront_meta.h`, data: metaHeader(model, meta) },
    { path: `${folder}tinyfront_sample.h`, data: sampleHeader(golden) },
  ]
}

/** The files to compile. */
export const sourcesOf = (files: readonly ExportFile[]): string[] =>
  files.map(({ path }) => path.split('/').at(-1)!).filter((name) => name.endsWith('.c'))

/** `tinyfront_sample.h`: input, expected output, and a function that says whether the network computes it here. */
const sampleHeader = ({
  input,
  output,
}: Golden): string => `/* Made by tinyfront. A sample input and the output it must have, byte for byte. */
#ifndef TINYFRONT_SAMPLE_H
#define TINYFRONT_SAMPLE_H
#include "tinyfront_model.h"

${arrayText('int8_t', 'tinyfront_sample_input', input)}
${arrayText('int8_t', 'tinyfront_sample_output', output)}
/* Runs the sample: 0 if every output byte is right, else 1 + the index of the first wrong one. */
static inline int tinyfront_self_test(void) {
  int i;
  tinyfront_invoke(tinyfront_sample_input, 0);
  for (i = 0; i < TINYFRONT_OUTPUT_BYTES; i++)
    if (tinyfront_output()[i] != tinyfront_sample_output[i]) return i + 1;
  return 0;
}

#endif
`

export function cBundle(model: QuantizedModel, meta: ExportMeta, golden: Golden): ExportFile[] {
  const files = cFiles(model, meta, golden, '')
  return [...files, { path: 'main.c', data: mainText }, { path: 'README.md', data: readme(meta.name, sourcesOf(files), meta) }]
}

const mainText = `/* Checks the network on this machine: exit code 0 if the sample gives the expected output. */
#include "tinyfront_meta.h"
#include "tinyfront_sample.h"

int main(void) { return tinyfront_self_test() != 0; }
`

const readme = (name: string, sources: readonly string[], { labels, frontEnd }: ExportMeta): string => {
  const hears = sources.includes(frontEndNames.source)
  const detects = hears && labels.length > 0
  const work = hears ? frontEndWork(frontEnd) : null
  return `# ${name}: an int8 network in C

Freestanding C99: no libc, no allocation, no other files. Add ${sources.map((file) => `\`${file}\``).join(' and ')} to any firmware.

    cc -std=c99 -O2 ${sources.join(' ')} main.c -o check && ./check && echo right

${detects ? listening : hears ? hearing : filling}${work ? price(work) : ''}
| file | what |
| --- | --- |
| tinyfront_model.h, .c | the network: \`tinyfront_invoke(input, output)\` |
${hears ? '| tinyfront_features.h, .c | the front end: from 16-bit samples to the int8 input |\n' : ''}${detects ? '| tinyfront_detector.h | from answers over time to detections |\n' : ''}| tinyfront_meta.h | labels, input scaling, parameters of the front end |
| tinyfront_sample.h | a sample with its expected output: \`tinyfront_self_test()\` |
| main.c | runs that test |
| model.json | the same facts for programs |
`
}

/** What the front end takes on the smallest and on the commonest core, and by the maker's library instead. */
function price(work: LogMelWork): string {
  const count = (core: CoreName) => Math.round(windowInstructions(work, core) / 1000)
  const { ramBytes, flashBytes } = logMelCost(work, { core: 'cortex-m4', clockMhz: 1, features: ['fpu', 'dsp'] })
  return `
A window of the front end takes about ${count('cortex-m4')},000 instructions on a Cortex-M3 and larger, ${count('cortex-m0plus')},000 on a Cortex-M0+; ${ramBytes} bytes of RAM and
${flashBytes} of flash besides the network. CMSIS-DSP in float32 takes about half the time on a core with an FPU, and does not give the same bytes.
`
}

/** Sounds without classes: a quantity of what is heard. */
const hearing = `From a microphone of TINYFRONT_SAMPLE_RATE samples a second, 16 bits each, hop by hop:

    static int8_t input[TINYFRONT_INPUT_BYTES], output[TINYFRONT_OUTPUT_BYTES];
    static tinyfront_stream stream;
    if (tinyfront_push(&stream, hop, input)) {         /* TINYFRONT_HOP_SAMPLES new samples; 1 once a whole clip was heard */
      tinyfront_invoke(input, output);                 /* every hop, or every few */
      float heard = tinyfront_value(output);
    }

\`tinyfront_features(clip, input)\` does a whole clip. All of it computes the very bytes that training and the stated score were computed from.
`

const filling = `    int8_t input[TINYFRONT_INPUT_BYTES], output[TINYFRONT_OUTPUT_BYTES];   /* height, width, channels */
    input[i] = tinyfront_quantise(raw, channel);
    tinyfront_invoke(input, output);
`

const listening = `From a microphone of TINYFRONT_SAMPLE_RATE samples a second, 16 bits each, hop by hop:

    static int8_t input[TINYFRONT_INPUT_BYTES];
    static tinyfront_stream stream;
    static tinyfront_detector detector;
    if (tinyfront_push(&stream, hop, input)) {         /* TINYFRONT_HOP_SAMPLES new samples; 1 once a whole clip was heard */
      tinyfront_invoke(input, output);                 /* every hop, or every few */
      int32_t heard = tinyfront_detect(&detector, output); /* a class, or -1 */
    }

\`tinyfront_features(clip, input)\` does a whole clip. \`tinyfront stream\` says what this detects in a recording,
and which settings to compile it with. All of it computes the very bytes that training and the stated accuracy were computed from.
`
