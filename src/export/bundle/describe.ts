import { countGraph } from '../../graph/count.ts'
import { inputShape, outputShape } from '../../graph/graph.ts'
import type { QuantizedModel } from '../../quant/model.ts'
import type { ExportMeta } from '../meta.ts'
import type { Golden } from '../sample.ts'
import type { ExportFile } from './file.ts'

/** `model.json`: everything firmware or a host program needs, for machines. Arrays of the sample are int8 in H, W, C order. */
export function describeModel(model: QuantizedModel, meta: ExportMeta, golden: Golden): ExportFile {
  const value = {
    schemaVersion: 1,
    name: meta.name,
    ...countGraph(model.graph),
    input: { shape: inputShape(model.graph), ...model.tensors[0]!, normalisation: meta.normalisation, frontEnd: meta.frontEnd },
    output: { shape: outputShape(model.graph), ...model.tensors.at(-1)!, labels: meta.labels },
    sample: { input: Array.from(golden.input), output: Array.from(golden.output) },
  }
  return { path: 'model.json', data: `${JSON.stringify(value, null, 1)}\n` }
}
