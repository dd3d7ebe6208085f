import type { QuantizedModel } from '../../quant/model.ts'
import type { ExportMeta } from '../meta.ts'
import type { Golden } from '../sample.ts'
import { cFiles, sourcesOf } from './c.ts'
import { type ExportFile, safeName } from './file.ts'

/** An ESP-IDF project: the network as a component, and an application that tests itself and prints the result. */
export function espIdfBundle(model: QuantizedModel, meta: ExportMeta, golden: Golden): ExportFile[] {
  const component = cFiles(model, meta, golden, 'components/tinyfront/')
  const sources = sourcesOf(component).map((file) => `"${file}"`)
  return [
    ...component.map(({ path, data }) => ({
      path: path.endsWith('.h') ? path.replace('tinyfront/', 'tinyfront/include/') : path,
      data,
    })),
    {
      path: 'components/tinyfront/CMakeLists.txt',
      data: `idf_component_register(SRCS ${sources.join(' ')} INCLUDE_DIRS "include")\ntarget_compile_options(\${COMPONENT_LIB} PRIVATE -O2)\n`,
    },
    { path: 'main/CMakeLists.txt', data: 'idf_component_register(SRCS "main.c" REQUIRES tinyfront esp_timer)\n' },
    { path: 'main/main.c', data: mainText(meta.labels.length > 0) },
    {
      path: 'CMakeLists.txt',
      data: `cmake_minimum_required(VERSION 3.16)\ninclude($ENV{IDF_PATH}/tools/cmake/project.cmake)\nproject(${safeName(meta.name)})\n`,
    },
    {
      path: 'README.md',
      data: `# ${meta.name}: an int8 network for ESP-IDF\n\n    idf.py set-target esp32s3\n    idf.py build flash monitor\n\nThe application runs a sample, says whether its output is right, and how long it took. Your firmware needs only \`components/tinyfront\`.\n`,
    },
  ]
}

const mainText = (hasLabels: boolean): string => `#include <stdio.h>
#include "esp_timer.h"
#include "tinyfront_meta.h"
#include "tinyfront_sample.h"

void app_main(void) {
  const int64_t start = esp_timer_get_time();
  const int wrong = tinyfront_self_test();
  const int64_t took = esp_timer_get_time() - start;
  printf("self test: %s, %d us\\n", wrong == 0 ? "right" : "WRONG", (int)took);
${hasLabels ? '  printf("%s\\n", tinyfront_label(tinyfront_best(tinyfront_output())));' : '  printf("%f\\n", (double)tinyfront_value(tinyfront_output()));'}
}
`
