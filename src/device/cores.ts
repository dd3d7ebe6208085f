/** Instruction-set features that kernels may use. */
export const features = ['fpu', 'dsp', 'mve', 'pie'] as const
export type Feature = (typeof features)[number]

/**
 * The cores that a device file may name, each with the features that every chip with this core has. What a maker may leave out (the FPU of a
 * Cortex-M4, the DSP extension of a Cortex-M33, Helium) is the file's to say. Arm: technical reference manuals of the cores; Espressif: datasheets.
 */
export const coreFeatures = {
  'cortex-m0': [],
  'cortex-m0plus': [],
  'cortex-m3': [],
  'cortex-m4': ['dsp'],
  'cortex-m7': ['dsp'],
  'cortex-m23': [],
  'cortex-m33': [],
  'cortex-m35p': [],
  'cortex-m52': ['dsp'],
  'cortex-m55': ['dsp'],
  'cortex-m85': ['dsp'],
  'riscv-rv32imc': [],
  'riscv-rv32imac': [],
  'riscv-rv32imafc': ['fpu'],
  'riscv-rv32imafdc': ['fpu'],
  rxv2: [],
  rxv3: [],
  'xtensa-lx6': [],
  'xtensa-lx7': [],
} as const satisfies Readonly<Record<string, readonly Feature[]>>
export type CoreName = keyof typeof coreFeatures
export const coreNames = Object.keys(coreFeatures) as [CoreName, ...CoreName[]]

/** What is taken to be there: what the file says, and what the core cannot be without. `assumed` = what the file did not say. */
export function featuresOf(
  core: CoreName,
  stated: readonly Feature[] | undefined,
): { readonly features: readonly Feature[]; readonly assumed: readonly Feature[] } {
  const always: readonly Feature[] = coreFeatures[core]
  const assumed = always.filter((f) => !stated?.includes(f))
  return { features: [...(stated ?? []), ...assumed], assumed }
}

/** What a person should know of a board whose file leaves features out; undefined where it names them all. */
export function assumption(target: {
  readonly id: string
  readonly device: { readonly core: CoreName; readonly assumedFeatures?: readonly Feature[] }
}): string | undefined {
  const { core, assumedFeatures: assumed } = target.device
  if (assumed === undefined) return undefined
  if (assumed.length === 0) return `${target.id}: its file names no features; taken: none, as a ${core} may have none`
  return `${target.id}: its file names no features; taken: ${assumed.join(', ')}, as every ${core} has`
}
