import type { QuantizedModel } from '../../quant/model.ts'
import { frontEndNames } from '../c/log-mel.ts'
import type { ExportMeta } from '../meta.ts'
import type { Golden } from '../sample.ts'
import { cFiles, sourcesOf } from './c.ts'
import { type ExportFile, safeName } from './file.ts'

/** An Arduino library (specification 1.5) with one example sketch, which tests itself and prints the result. */
export function arduinoBundle(model: QuantizedModel, meta: ExportMeta, golden: Golden): ExportFile[] {
  const library = `tinyfront_${safeName(meta.name).replaceAll('-', '_')}`
  const files = cFiles(model, meta, golden, `${library}/src/`)
  const headers = [
    'tinyfront_meta.h',
    'tinyfront_sample.h',
    ...(sourcesOf(files).includes(frontEndNames.source) ? [frontEndNames.header] : []),
  ]
  return [
    ...files,
    { path: `${library}/src/${library}.h`, data: `#pragma once\n${headers.map((name) => `#include "${name}"\n`).join('')}` },
    { path: `${library}/library.properties`, data: properties(library, meta.name) },
    { path: `${library}/examples/self_test/self_test.ino`, data: sketch(library, meta.labels.length > 0) },
    { path: `${library}/README.md`, data: readme(library) },
  ]
}

const properties = (library: string, name: string): string => `name=${library}
version=1.0.0
author=tinyfront
maintainer=tinyfront
sentence=The int8 network ${name.replace(/[\r\n]/g, ' ')} as C.
paragraph=Made by tinyfront; needs no other library.
category=Data Processing
url=https://www.npmjs.com/package/tinyfront
architectures=*
includes=${library}.h
`

const sketch = (library: string, hasLabels: boolean): string => `#include <${library}.h>

void setup() {
  Serial.begin(115200);
  while (!Serial && millis() < 3000) {
  }
  const unsigned long start = micros();
  const int wrong = tinyfront_self_test();
  const unsigned long took = micros() - start;
  Serial.println(wrong == 0 ? "self test: right" : "self test: WRONG");
  Serial.print("microseconds: ");
  Serial.println(took);
${hasLabels ? '  Serial.println(tinyfront_label(tinyfront_best(tinyfront_output())));' : '  Serial.println(tinyfront_value(tinyfront_output()));'}
}

void loop() {
  /* fill tinyfront_input() with tinyfront_quantise(raw, channel), then tinyfront_invoke(0, 0) and read tinyfront_output() */
}
`

const readme = (library: string): string => `# ${library}

Copy this folder into the \`libraries\` folder of your sketchbook (or zip it: Sketch, Include Library, Add .ZIP Library), then open
File, Examples, ${library}, self_test. It prints whether the network computes on your board what it computed when it was made, and how long it took.
`
