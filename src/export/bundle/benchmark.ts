import type { MicroBenchmark } from '../../device/benchmarks.ts'
import type { Graph } from '../../graph/graph.ts'
import { type Weights, weightShapes } from '../../graph/weights.ts'
import type { QuantizedModel } from '../../quant/model.ts'
import { quantise } from '../../quant/quantise.ts'
import { rng } from '../../util/rng.ts'
import { goldenVector } from '../sample.ts'
import { writeTflite } from '../tflite-write.ts'
import { cFiles } from './c.ts'
import type { ExportFile } from './file.ts'

/** Networks to time on a board: a folder for each (an Arduino sketch beside the C it runs, and the .tflite), an empty table and a README. */
export function benchmarkFiles(benchmarks: readonly MicroBenchmark[]): ExportFile[] {
  return [
    { path: 'README.md', data: readme(benchmarks) },
    { path: 'measurements.csv', data: 'model,latencyMs\n' },
    ...benchmarks.flatMap(({ name, graph }): ExportFile[] => {
      const model = withRandomWeights(graph, name)
      const meta = { name, labels: [], normalisation: { offset: [], scale: [] }, frontEnd: {} }
      const c = cFiles(model, meta, goldenVector(model), `${name}/`).filter((f) => !f.path.endsWith('_meta.h'))
      return [
        { path: `${name}/${name}.tflite`, data: writeTflite(model) },
        ...c,
        { path: `${name}/${name}.ino`, data: sketch(name) },
      ]
    }),
  ]
}

/**
 * An int8 network that computes something: what it computes does not change how long it takes. Weights are drawn with the variance that keeps
 * activations in range (He 2015, half of it where nothing is cut off), a range of four on either side is given to every tensor.
 */
export function withRandomWeights(graph: Graph, seed: string): QuantizedModel {
  const random = rng(seed, 'benchmark weights')
  const weights: Record<string, Float32Array> = {}
  for (const [name, dimensions] of weightShapes(graph)) {
    const [index, part] = name.split('/') as [string, string]
    const length = dimensions.reduce((a, b) => a * b, 1)
    const fanIn = length / graph.shapes[Number(index) + 1]![2]
    const op = graph.ops[Number(index)]!
    const gain = 'activation' in op && op.activation !== 'none' ? 2 : 1
    const draw = (): number =>
      part === 'kernel' ? Math.sqrt(gain / fanIn) * random.normal() : part === 'gamma' || part === 'variance' ? 1 : 0
    weights[name] = Float32Array.from({ length }, draw)
  }
  return quantise(
    graph,
    weights as Weights,
    graph.shapes.map(() => ({ min: -4, max: 4 })),
  )
}

/** Prints a JSON line every two seconds; a board that computes something else says so instead. */
const sketch = (
  name: string,
): string => `/* Made by tinyfront. Prints how long the network takes, as a line for calibrate --serial. */
#include "tinyfront_sample.h"

void setup() {
  Serial.begin(115200);
  while (!Serial && millis() < 3000) {
  }
}

void loop() {
  if (tinyfront_self_test() != 0) {
    Serial.println("{\\"model\\":\\"${name}/${name}.tflite\\",\\"wrong\\":true}");
  } else {
    /* at least half a second, so that micros() and interrupts do not count */
    unsigned long runs = 0;
    const unsigned long start = micros();
    unsigned long took = 0;
    while (took < 500000UL) {
      tinyfront_invoke(tinyfront_sample_input, 0);
      runs++;
      took = micros() - start;
    }
    Serial.print("{\\"model\\":\\"${name}/${name}.tflite\\",\\"latencyMs\\":");
    Serial.print(took / (1000.0 * runs), 4);
    Serial.println("}");
  }
  delay(2000);
}
`

const readme = (benchmarks: readonly MicroBenchmark[]): string => `# Networks to time on your board

Made by \`tinyfront calibrate --emit\`. Three of them are enough for a fit, five are better; after each fit tinyfront says which to time next.

1. Open \`NAME/NAME.ino\` in the Arduino IDE (or \`arduino-cli compile --upload\`), with the clock and the optimisation that your firmware will have.
   Elsewhere, add \`NAME/tinyfront_model.c\` to a program and time \`tinyfront_invoke\`.
2. \`tinyfront calibrate --serial /dev/ttyACM0 measurements.csv\` puts what boards print into the table until Ctrl-C, one sketch after the other; a log of
   what they printed does as well.
3. \`tinyfront calibrate --device mine.json:tinyfront-c measurements.csv\`; both in one: add \`--serial\` to this.

That calibrates the C that tinyfront generates. For TensorFlow Lite Micro or another runtime, time the invocation of \`NAME/NAME.tflite\` in your own
program instead, and name that runtime: \`--device mine.json:tflm-cmsis-nn\`. A third column \`arenaBytes\` is compared with the predicted RAM.
\`mine.json\` is a copy of the nearest file in \`devices/\`, with the clock and memory of your board.

| network | tells the price of |
| --- | --- |
${benchmarks.map(({ name, tells }) => `| ${name} | ${tells} |`).join('\n')}
`
