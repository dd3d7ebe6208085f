export { type Decoded, decode, graphKey } from './decode.ts'
export { type Gene, type Genome, openSpace, type Space, type SpaceContext } from './genes.ts'
export {
  activeGenes,
  allGenomes,
  canonical,
  crossover,
  fromText,
  mutate,
  neighbours,
  randomGenome,
  sizeOfSpace,
  toText,
} from './genome.ts'
export { defaultSpaceFor, listSpaces, loadSpace } from './load.ts'
export { type SpaceDefinition, spaceSchema } from './schema.ts'
