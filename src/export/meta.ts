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
