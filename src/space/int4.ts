import type { SpaceDefinition } from './schema.ts'

/** The space with a choice of 8 or 4 bits for the weights of every stage that does not list its own. */
export const withInt4 = (definition: SpaceDefinition): SpaceDefinition => ({
  ...definition,
  stages: definition.stages.map((stage) =>
    stage.block === 'pool' || stage.weightBits !== undefined ? stage : { ...stage, weightBits: [8, 4] },
  ),
})
