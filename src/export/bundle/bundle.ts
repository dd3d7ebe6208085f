import type { QuantizedModel } from '../../quant/model.ts'
import { usageError } from '../../util/errors.ts'
import type { ExportMeta } from '../meta.ts'
import { writeOnnx } from '../onnx/write.ts'
import { type Golden, goldenVector } from '../sample.ts'
import { writeTflite } from '../tflite-write.ts'
import { arduinoBundle } from './arduino.ts'
import { cBundle } from './c.ts'
import { cArrayBundle } from './c-array.ts'
import { cmakeBundle } from './cmake.ts'
import { describeModel } from './describe.ts'
import { espIdfBundle } from './esp-idf.ts'
import { type ExportFile, safeName } from './file.ts'
import type { ExportFormat } from './formats.ts'
import { platformioBundle } from './platformio.ts'
import { usualPrefix, withPrefix } from './prefix.ts'
import { zephyrBundle } from './zephyr.ts'

/**
 * The files of one format. Every format carries `model.json` (labels, input scaling, front end, a sample with its expected output); those with
 * code are ready to compile and test themselves; symbols and files of those begin with `prefix`. Pure: the caller writes the files.
 */
export function exportModel(model: QuantizedModel, meta: ExportMeta, format: ExportFormat, prefix?: string): ExportFile[] {
  const golden = goldenVector(model)
  const files = [...bundles[format](model, meta, golden), describeModel(model, meta, golden)]
  const usual = usualPrefix[format]
  if (prefix === undefined || prefix === usual) return files
  if (usual === undefined) throw usageError(`--prefix: ${format} has no symbols`, 'leave it out, or choose a format with code')
  return withPrefix(files, usual, prefix)
}

type Bundle = (model: QuantizedModel, meta: ExportMeta, golden: Golden) => ExportFile[]

const bundles: Readonly<Record<ExportFormat, Bundle>> = {
  tflite: (model, meta) => [{ path: `${safeName(meta.name)}.tflite`, data: writeTflite(model) }, ...labelFile(meta)],
  c: cBundle,
  'c-array': cArrayBundle,
  arduino: arduinoBundle,
  'esp-idf': espIdfBundle,
  zephyr: zephyrBundle,
  cmake: cmakeBundle,
  platformio: platformioBundle,
  onnx: (model, meta) => [{ path: `${safeName(meta.name)}.onnx`, data: writeOnnx(model, meta.name) }, ...labelFile(meta)],
}

const labelFile = ({ labels }: ExportMeta): ExportFile[] =>
  labels.length > 0 ? [{ path: 'labels.txt', data: `${labels.join('\n')}\n` }] : []
