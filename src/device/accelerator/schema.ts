import { z } from 'zod'
import type { OpKind } from '../../graph/graph.ts'
import { operators } from '../../graph/operators.ts'
import { featureNames } from './features.ts'

const opKinds = Object.keys(operators) as [OpKind, ...OpKind[]]

const bounds = {
  of: z.enum(featureNames).describe('what of the operator is looked at'),
  min: z.number().optional(),
  max: z.number().optional(),
  oneOf: z.array(z.number()).optional(),
  multipleOf: z.int().positive().optional(),
}
const conditionSchema = z.strictObject(bounds)

const ruleSchema = z.strictObject({
  ...bounds,
  when: z.array(conditionSchema).optional().describe('the rule counts where all of these hold; default always'),
  otherwise: z
    .enum(['cpu', 'slower'])
    .describe('where the bounds do not hold, the operator goes to the CPU, or stays and takes longer than predicted'),
  why: z.string().describe('what a person reads about it'),
  source: z.string().optional().describe('default: the source of the file'),
})
export type Rule = z.infer<typeof ruleSchema>

/** Steps of the engine for one block of outputs: ceil(taps / here) x ceil(input channels / here) x cycles; the cheapest of the list is taken. */
const traversalSchema = z.strictObject({
  taps: z.int().positive(),
  channels: z.int().positive(),
  cycles: z.number().positive(),
})
const computeSchema = z.union([
  z.strictObject({
    block: z
      .tuple([z.int().positive(), z.int().positive(), z.int().positive()])
      .describe('height, width, channels of outputs at once'),
    traversals: z.array(traversalSchema).min(1),
  }),
  z.strictObject({ macsPerCycle: z.number().positive() }),
])
export type Compute = z.infer<typeof computeSchema>

/** How long the engine takes for an operator, in its own cycles. */
const engineSchema = z.strictObject({
  conv: computeSchema,
  depthwise: computeSchema,
  dense: computeSchema,
  pool: computeSchema,
  elementCycles: z.number().nonnegative().describe('of every other operator, for each output value'),
  outputCycles: z.number().nonnegative().describe('for each output value of a layer or pool, beside the products'),
  weightCycles: z.number().nonnegative().describe('for each byte of weights'),
  activationCycles: z.number().nonnegative().describe('for each byte of inputs and outputs'),
  opCycles: z.number().nonnegative().describe('for each operator, whatever its size'),
  joined: z.enum(['max', 'sum']).describe('whether products, outputs and transfers run side by side or one after another'),
  scale: z.number().positive().describe('factor on the whole, fitted'),
  low: z.number().positive().describe('lower end of the 90 % interval, as a share of the prediction'),
  high: z.number().positive(),
  source: z.string(),
})
export type Engine = z.infer<typeof engineSchema>

const regionSchema = z.strictObject({
  name: z.string(),
  holds: z.enum(['activations', 'weights']),
  bytes: z.int().positive(),
  source: z.string(),
})
export type Region = z.infer<typeof regionSchema>

/** One accelerator as a variant of a runtime carries it: rules of the family, engine of the configuration. */
export const acceleratorSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  compiler: z.string().describe('tool of the maker that has the last word'),
  host: z.string().describe('runtime whose kernels run what does not map'),
  fallback: z.enum(['cpu', 'refused']).describe('what the compiler does with an operator that does not map'),
  software: z.array(z.enum(opKinds)).optional().describe('operators that it runs in software of its own: never refused'),
  maps: z
    .partialRecord(z.enum(opKinds), z.array(ruleSchema))
    .describe('operators that the hardware has, and under which rules; others go to the CPU'),
  never: z.partialRecord(z.enum(opKinds), z.string()).optional().describe('why the hardware has none of these'),
  graph: z.strictObject({ layers: z.int().positive().optional() }).optional().describe('most layers with weights'),
  regions: z.array(regionSchema).optional().describe('memories of its own; default: those of the device'),
  engine: engineSchema,
  source: z.string().describe('of the rules'),
})
export type Accelerator = z.infer<typeof acceleratorSchema>

/**
 * A family of accelerators, as a file `devices/accelerators/NAME.json`: rules that all its configurations share, and for each configuration what differs.
 * A configuration is a runtime by its key: `mps3:ethos-u55-128`.
 */
export const acceleratorFileSchema = z.strictObject({
  $schema: z.string().optional(),
  ...acceleratorSchema.omit({ id: true, name: true, engine: true }).shape,
  engine: engineSchema.partial().describe('what the engines of all configurations share'),
  configurations: z.record(z.string(), z.strictObject({ name: z.string(), engine: engineSchema.partial().optional() })),
  runtime: z.strictObject({
    version: z.string(),
    modelFile: z.enum(['tflite', 'constants']),
    channelBytes: z.int().nonnegative(),
    ramFactor: z.number().positive().describe('RAM as a multiple of the plan of activations'),
    ramBytes: z.int().nonnegative().describe('RAM beside it'),
    driverBytes: z.int().nonnegative().describe('flash of the driver'),
    opBytes: z.int().nonnegative().describe('flash of the commands for one operator'),
    sources: z.record(z.string(), z.string()),
  }),
})
export type AcceleratorFile = z.infer<typeof acceleratorFileSchema>

/** One configuration with what its family shares. */
export function configurationOf(file: AcceleratorFile, id: string): Accelerator {
  const { $schema: _, runtime: __, configurations, engine, ...shared } = file
  const { name, engine: own } = configurations[id]!
  return acceleratorSchema.parse({ ...shared, id, name, engine: { ...engine, ...own } })
}
