import type { QuantizedModel } from '../../quant/model.ts'
import type { ExportMeta } from '../meta.ts'
import type { Golden } from '../sample.ts'
import { cFiles, sourcesOf } from './c.ts'
import { type ExportFile, safeName } from './file.ts'

/** A Zephyr application that tests itself and prints the result. */
export function zephyrBundle(model: QuantizedModel, meta: ExportMeta, golden: Golden): ExportFile[] {
  const files = cFiles(model, meta, golden, 'src/')
  const sources = sourcesOf(files).map((file) => `src/${file}`)
  return [
    ...files,
    { path: 'src/main.c', data: mainText(meta.labels.length > 0) },
    {
      path: 'CMakeLists.txt',
      data: `cmake_minimum_required(VERSION 3.20.0)\nfind_package(Zephyr REQUIRED HINTS $ENV{ZEPHYR_BASE})\nproject(${safeName(meta.name)})\ntarget_sources(app PRIVATE src/main.c ${sources.join(' ')})\n`,
    },
    { path: 'prj.conf', data: 'CONFIG_PRINTK=y\nCONFIG_SPEED_OPTIMIZATIONS=y\n' },
    {
      path: 'README.md',
      data: `# ${meta.name}: an int8 network for Zephyr\n\n    west build -b nucleo_f446re .\n    west flash\n\nThe application runs a sample, says whether its output is right, and how long it took.\n`,
    },
  ]
}

const mainText = (hasLabels: boolean): string => `#include <zephyr/kernel.h>
#include <zephyr/sys/printk.h>
#include "tinyfront_meta.h"
#include "tinyfront_sample.h"

int main(void) {
  const uint32_t start = k_cycle_get_32();
  const int wrong = tinyfront_self_test();
  const uint32_t took = k_cyc_to_us_floor32(k_cycle_get_32() - start);
  printk("self test: %s, %u us\\n", wrong == 0 ? "right" : "WRONG", (unsigned int)took);
${hasLabels ? '  printk("%s\\n", tinyfront_label(tinyfront_best(tinyfront_output())));' : '  printk("output %d\\n", tinyfront_output()[0]);'}
  return 0;
}
`
