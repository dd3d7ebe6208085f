import { z } from 'zod'

/**
 * What firmware must know beside the network. The network sees `(raw - offset[c]) * scale[c]` per channel c (`Dataset.normalisation`), then
 * quantised with the input tensor's scale and zero point.
 */
export type ExportMeta = {
  readonly name: string
  /** Class names in output order; empty for regression. */
  readonly labels: readonly string[]
  readonly normalisation: { readonly offset: readonly number[]; readonly scale: readonly number[] }
  /** How raw data become the input: log-mel parameters, window, resize (`Dataset.frontEnd`). */
  readonly frontEnd: Readonly<Record<string, unknown>>
}

const schema = z.strictObject({
  name: z.string(),
  labels: z.array(z.string()),
  normalisation: z.strictObject({ offset: z.array(z.number()), scale: z.array(z.number()) }),
  frontEnd: z.record(z.string(), z.unknown()),
})

/** The value from its JSON bytes, or undefined where they are not such a value (the file may come from anywhere). */
export function parseMeta(json: Uint8Array): ExportMeta | undefined {
  try {
    return schema.safeParse(JSON.parse(new TextDecoder().decode(json))).data
  } catch {
    return undefined
  }
}
