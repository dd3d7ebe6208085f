import { z } from 'zod'

const positive = z.number().min(0.01)
const size = z.number().int().positive()
/** One number for both axes, or [rows, columns]. */
const pair = z.union([size, z.tuple([size, size])])
const some = <T extends z.ZodType>(item: T) => z.array(item).min(1)

const keep = some(z.number().min(0.01).max(1)).default([1])
const common = {
  /** Starts the names of the stage's genes. */
  name: z.string().regex(/^[a-z][a-z]*[0-9]*$/, 'write letters, then perhaps a number: "stem", "s1"'),
  depth: some(z.number().int().min(0).max(12)).default([1]).describe('how many blocks; 0 leaves the stage out'),
  vary: z
    .enum(['block', 'stage'])
    .default('block')
    .describe('every block has choices of its own, or all blocks of the stage share them'),
}
const width = some(size).describe('output channels before the width multiplier')
const kernel = some(pair).describe('[rows, columns], or one number for both')
const stride = some(pair)
  .default([1])
  .describe('of the first block; dropped on an axis where the map would fall under minimumMap')

const hardSwish = some(z.boolean())
  .optional()
  .describe('hard swish (MobileNetV3) behind the convolutions of the stage instead of the space’s activation; default no')

const weightBits = some(z.union([z.literal(8), z.literal(4)]))
  .optional()
  .describe('bits of the weights: of all layers, or of those of a stage that lists its own; default 8')

const stage = z.discriminatedUnion('block', [
  z.strictObject({ ...common, block: z.literal('conv'), width, kernel, stride, keep, hardSwish, weightBits }),
  z.strictObject({ ...common, block: z.literal('separable'), width, kernel, stride, keep, hardSwish, weightBits }),
  z.strictObject({
    ...common,
    block: z.literal('mbconv'),
    width,
    kernel,
    stride,
    expansion: some(positive).describe('hidden channels / input channels; 1 = no expansion convolution'),
    residual: some(z.boolean()).default([true]).describe('add input to output from the second block of the stage on'),
    keep: keep.describe('share of the hidden channels that pruning keeps'),
    hardSwish,
    weightBits,
    squeeze: some(z.number().min(0).max(1))
      .optional()
      .describe('squeeze and excite behind the depthwise convolution: its inner units / hidden channels; 0 = none, the default'),
  }),
  z.strictObject({ ...common, block: z.literal('dense'), width, keep, weightBits }),
  z.strictObject({
    ...common,
    block: z.literal('pool'),
    stride: stride.describe('size and stride of the average pooling; 1 = none'),
  }),
])

/** A search space as data: `search-spaces/*.json`. Every list is a choice; a list of one is a constant. */
export const spaceSchema = z
  .strictObject({
    $schema: z.string().optional(),
    schemaVersion: z.literal(1),
    name: z.string().regex(/^[a-z][a-z0-9-]*$/, 'write lower-case letters, digits and dashes'),
    description: z.string(),
    resolution: some(positive)
      .default([1])
      .describe('of images: up to 1 = share of the data set’s height and width, above 1 = rows of the shorter side'),
    width: some(positive).default([1]).describe('multiplies the channels of every stage'),
    widthMultiple: size.default(4).describe('channels are rounded to this (CMSIS-NN is up to twice as fast at multiples of 4)'),
    minimumMap: z.tuple([size, size]).default([4, 4]).describe('rows and columns under which no stride goes'),
    activation: z.enum(['relu', 'relu6']),
    weightBits,
    stages: some(stage),
    reduce: z.enum(['mean', 'flatten']).describe('what the classifier reads: the mean over the map, or all of it'),
  })
  .superRefine((space, context) => {
    const names = space.stages.map((s) => s.name)
    const twice = names.findIndex((name, i) => names.indexOf(name) < i)
    const reserved = names.findIndex((name) => name === 'r' || name === 'w' || name === 'b')
    if (reserved >= 0)
      context.addIssue({
        code: 'custom',
        path: ['stages', reserved, 'name'],
        message: 'r, w and b name the resolution, the width and the bits of weights',
      })
    if (twice >= 0)
      context.addIssue({ code: 'custom', path: ['stages', twice, 'name'], message: `"${names[twice]}" is used twice` })
    space.stages.forEach((s, i) => {
      for (const [key, value] of Object.entries(s))
        if (Array.isArray(value) && new Set(value.map((v) => JSON.stringify(v))).size < value.length)
          context.addIssue({ code: 'custom', path: ['stages', i, key], message: 'lists a choice twice' })
    })
  })

export type SpaceDefinition = z.infer<typeof spaceSchema>
export type Stage = SpaceDefinition['stages'][number]
