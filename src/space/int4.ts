import type { SpaceDefinition } from './schema.ts'

/** The space with a choice of 8 or 4 bits for the weights of all layers, unless it lists its own. */
export const withInt4 = (definition: SpaceDefinition): SpaceDefinition => ({
  ...definition,
  weightBits: definition.weightBits ?? [8, 4],
})
