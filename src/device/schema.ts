import { z } from 'zod'
import type { OpKind } from '../graph/graph.ts'
import { operators } from '../graph/operators.ts'
import { acceleratorFileSchema, acceleratorSchema } from './accelerator/schema.ts'
import { coreNames, type Feature, features } from './cores.ts'
import { termGroups, termNames } from './terms.ts'

const bytes = z.int().nonnegative()
const schemaRef = z.string().optional()
const opKinds = Object.keys(operators) as [OpKind, ...OpKind[]]

const termPrices = z.partialRecord(z.enum(termNames), z.number().nonnegative())

const calibrationSchema = z.strictObject({
  terms: termPrices.describe('cycles per term, fitted to measurements of this very board'),
  low: z.number().positive().describe('lower end of the 90 % interval, as a share of the prediction'),
  high: z.number().positive(),
  rows: z.int().positive().describe('measurements behind it'),
  source: z.string(),
})

export const regulators = ['ldo', 'smps', 'external-smps', 'unknown'] as const

const supplySchema = z.strictObject({
  volts: z.number().positive(),
  regulator: z.enum(regulators).optional().describe('what feeds the core'),
})

/** Power measured while networks ran, under one supply and the runtimes named. */
const powerRowSchema = z.strictObject({
  mw: z.number().positive(),
  clockMhz: z.number().positive(),
  volts: z.number().positive().nullable().describe('null = not stated'),
  regulator: z.enum(regulators),
  runtimes: z.array(z.string()).optional().describe('under which it was measured; default: not known, or all'),
  runs: z.int().positive().optional().describe('measurements behind it'),
  sister: z.boolean().optional().describe('measured on a part of the same design'),
})
export type PowerRow = z.infer<typeof powerRowSchema>

/** A board, as a file `devices/ID.json`. */
export const deviceSchema = z.strictObject({
  $schema: schemaRef,
  name: z.string().describe('as the maker writes it'),
  vendor: z.string(),
  aliases: z.array(z.string()).default([]).describe('other names by which it is found, such as boards that carry it'),
  core: z.enum(coreNames).describe('core that runs the network'),
  features: z
    .array(z.enum(features))
    .optional()
    .describe('instruction-set features that kernels may use, beside those that every chip with this core has'),
  abi: z.enum(['arm', '32', '64']).describe('arm: bare-metal Cortex-M; 32: every other 32-bit target'),
  clockMhz: z.number().positive(),
  caches: z.string().optional().describe('as the maker describes them; what they do to latency is in the coefficients'),
  ramBytes: bytes.positive().describe('largest contiguous block that an arena can use'),
  ramRegions: z
    .array(z.strictObject({ name: z.string(), start: z.string().regex(/^0x[0-9a-f]{8}$/), bytes: bytes.positive() }))
    .optional()
    .describe('on-chip RAM; regions that follow each other without a gap are one block'),
  flashBytes: bytes.positive(),
  reserveRamBytes: bytes.describe('taken by stack and firmware by default'),
  reserveFlashBytes: bytes.describe('taken by the rest of the firmware by default'),
  activePowerMw: z.number().positive().nullable().describe('measured while a network runs; null where no measurement is known'),
  power: z
    .array(powerRowSchema)
    .min(1)
    .optional()
    .describe('measured power by supply and runtime, the usual supply first; goes before activePowerMw'),
  supply: supplySchema.optional().describe('what the board is fed with; default: as the first row of power was'),
  price: z
    .number()
    .positive()
    .optional()
    .describe('what one costs you, in any currency: names the cheapest board that holds a network'),
  defaultRuntime: z.string(),
  accelerators: z
    .array(z.strictObject({ id: z.string(), clockMhz: z.number().positive() }))
    .optional()
    .describe('configurations of devices/accelerators that are on the chip; each is a runtime by its id'),
  sources: z
    .record(z.string(), z.string())
    .describe('where each figure comes from; "unverified" = stated without a document, check before relying on it'),
  notes: z.string().optional(),
  calibration: z
    .record(z.string(), calibrationSchema)
    .optional()
    .describe('latency by runtime, as `tinyfront calibrate` writes it; goes before devices/coefficients.json'),
})
export type DeviceFile = z.infer<typeof deviceSchema>
/** A device file that was read: its features are complete. */
export type Device = Omit<DeviceFile, 'features'> & {
  readonly id: string
  readonly features: readonly Feature[]
  /** Which of the features the file does not name: every chip with this core has them. Absent = the file names all, and none was left to guess. */
  readonly assumedFeatures?: readonly Feature[]
}

const codeSchema = z.strictObject({
  core: bytes.describe('runtime without any operator'),
  shared: bytes.describe('helpers that all operators but reshape share; contained in each figure of `ops`'),
  ops: z.partialRecord(z.enum(opKinds), bytes).describe('code that each operator kind brings when it is the only one'),
})

const ramSchema = z.discriminatedUnion('rule', [
  z.strictObject({
    rule: z.literal('tflm'),
    kernels: z.enum(['reference', 'cmsis-nn', 'cmsis-nn-dsp', 'cmsis-nn-mve']).describe('exact arena of TFLite-Micro'),
    extraBytes: bytes.describe('interpreter, operator table and statics outside the arena'),
  }),
  z.strictObject({ rule: z.literal('static'), extraBytes: bytes.describe('buffers outside the plan of activations') }),
  z.strictObject({
    rule: z.literal('overlapping'),
    streamUpTo: z
      .number()
      .nonnegative()
      .describe('convolutions with at most this many times as much output as input write over it'),
    inputStreamUpTo: z.number().nonnegative().optional().describe('the same for convolutions that read the input of the network'),
    extraBytes: bytes.describe('scratch and runtime beside the activations'),
  }),
  z.strictObject({
    rule: z.literal('accelerator'),
    factor: z.number().positive().describe('of the plan of activations: layouts with padded channels, staged weights'),
    extraBytes: bytes.describe('runtime and driver'),
  }),
])

const int4Schema = z.strictObject({
  code: z
    .partialRecord(z.enum(opKinds), bytes)
    .default({})
    .describe('code that layers of a kind bring for weights in 4 bits, in place of `ops`'),
  latency: z.number().positive().describe('a layer takes so many times as long as with weights in 8 bits'),
  cyclesPerWeight: z
    .number()
    .nonnegative()
    .default(0)
    .describe('and so many cycles more for each of its weights, where they are unpacked first'),
})

const variantSchema = z.strictObject({
  cores: z.array(z.string()).describe('cores this build runs on; a trailing * matches any ending'),
  vendors: z.array(z.string()).optional().describe('makers whose chips it is licensed for; default any'),
  needs: z.array(z.enum(features)).describe('features without which the next variant is taken'),
  formula: z.string().describe('latency formula in coefficients.json'),
  ram: ramSchema,
  code: codeSchema,
  int4: int4Schema.optional().describe('layers with weights in 4 bits; absent: it cannot run them'),
  accelerator: acceleratorSchema
    .optional()
    .describe('what runs the operators that map to it; the formula is of the CPU, which runs the rest'),
  driverBytes: bytes.optional().describe('flash of the driver of the accelerator'),
  opBytes: bytes.optional().describe('flash of the commands of one operator'),
})

/** A runtime, as a file `devices/runtimes/ID.json`. The first variant whose core and features match a device is taken. */
export const runtimeSchema = z.strictObject({
  $schema: schemaRef,
  name: z.string(),
  version: z.string().describe('version the figures belong to'),
  modelFile: z.enum(['tflite', 'constants']).describe('what lies in flash: the whole .tflite file, or weights and biases only'),
  channelBytes: bytes
    .default(0)
    .describe('flash per output channel of a convolution beside weights and bias (multipliers, shifts); constants only'),
  firmware: z
    .strictObject({
      ramBytes: z.tuple([bytes, bytes]),
      flashBytes: z.tuple([bytes, bytes]),
      source: z.string(),
    })
    .optional()
    .describe('what published firmware takes besides network, arena and runtime, from least to most: HAL, C library, output'),
  variants: z.array(variantSchema).min(1),
  sources: z.record(z.string(), z.string()),
  notes: z.string().optional(),
})
export type RuntimeFile = z.infer<typeof runtimeSchema>
export type Variant = z.infer<typeof variantSchema>
/** A runtime as it is built for one device. */
export type Runtime = Omit<RuntimeFile, 'variants' | '$schema'> & Variant & { readonly id: string }

const groupScales = z.partialRecord(z.enum(termGroups), z.number().nonnegative())

const formulaSchema = z.strictObject({
  unit: z.string(),
  source: z.string(),
  terms: termPrices,
})

const scaleSchema = z.strictObject({
  device: z.string().optional(),
  core: z.string().optional(),
  runtime: z.string().describe('id of the runtime; * = any runtime with this formula that has no row of its own'),
  formula: z.string().optional().describe('formula whose groups the scales multiply'),
  scales: groupScales.describe('factor on each group of terms of the formula'),
  low: z.number().positive().describe('lower end of the 90 % interval, as a share of the prediction'),
  high: z.number().positive(),
  rows: z.int().nonnegative().describe('measurements behind it'),
  models: z.int().nonnegative().describe('distinct networks behind it'),
  error: z.number().nonnegative().optional().describe('mean error on the measurements of this very device, as a share'),
  source: z.string(),
})
export type ScaleRow = z.infer<typeof scaleSchema>

/** `devices/coefficients.json`: prices of terms by formula, and scale factors by device or core and runtime. */
export const coefficientsSchema = z.strictObject({
  $schema: schemaRef,
  notes: z.string(),
  formulas: z.record(z.string(), formulaSchema),
  scales: z.array(scaleSchema),
})
export type Coefficients = z.infer<typeof coefficientsSchema>

/** Latency coefficients of one target: cycles per term, scale factors applied. */
export type Latency = {
  readonly terms: Readonly<Partial<Record<(typeof termNames)[number], number>>>
  readonly low: number
  readonly high: number
  /** measurements of this very device and runtime stand behind it */
  readonly calibrated: boolean
  readonly rows: number
  readonly source: string
}

/** Device x runtime x coefficients: a plain JSON value that a study copies into its journal and prices with. */
export type Target = { readonly id: string; readonly device: Device; readonly runtime: Runtime; readonly latency: Latency }

/** The JSON schemas that lie beside the data, by file name. */
export const deviceFileSchemas = (): Record<string, unknown> => ({
  'device.schema.json': z.toJSONSchema(deviceSchema, { io: 'input' }),
  'runtime.schema.json': z.toJSONSchema(runtimeSchema, { io: 'input' }),
  'coefficients.schema.json': z.toJSONSchema(coefficientsSchema, { io: 'input' }),
  'accelerator.schema.json': z.toJSONSchema(acceleratorFileSchema, { io: 'input' }),
})
