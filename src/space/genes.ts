import type { Shape } from '../graph/graph.ts'
import type { TaskName } from '../task/tasks.ts'
import type { SpaceDefinition, Stage } from './schema.ts'

/** What a network is for: the data set's input, the numbers it answers with. Resolution is a gene of images only. */
export type SpaceContext = {
  readonly input: Shape
  readonly outputs: number
  readonly task: TaskName
  readonly kind?: 'image' | 'audio' | 'series'
}

/** Choice indices, one per gene; canonical when inactive genes are 0. */
export type Genome = readonly number[]

/** One choice. It is active when its controller is active and has taken a choice i with `on[i]`. */
export type Gene = {
  /** Unique: group and letter. */
  readonly name: string
  /** Genes of one group stand together in the text form: `s1.2=k3e4p0.5`. */
  readonly group: string
  readonly letter: string
  readonly labels: readonly string[]
  readonly controller?: { readonly gene: number; readonly on: readonly boolean[] }
}

export type Pair = readonly [h: number, w: number]
/** Where the decoder reads a value: from a gene, or a constant (`gene` -1). */
export type Slot<T> = { readonly gene: number; readonly values: readonly T[] }
export const read = <T>(slot: Slot<T>, genome: Genome): T => slot.values[slot.gene < 0 ? 0 : genome[slot.gene]!]!

export type BlockPlan = {
  readonly kernel: Slot<Pair>
  readonly expansion: Slot<number>
  readonly squeeze: Slot<number>
  readonly keep: Slot<number>
}
export type StagePlan = {
  readonly block: Stage['block']
  readonly depth: Slot<number>
  readonly width: Slot<number>
  readonly stride: Slot<Pair>
  readonly residual: Slot<boolean>
  readonly hardSwish: Slot<boolean>
  /** Of the weights of its layers, where the stage lists its own. */
  readonly weightBits: Slot<8 | 4> | undefined
  readonly blocks: readonly BlockPlan[]
}

/** A space opened for one data set: the flat list of genes, and where the decoder finds them. */
export type Space = {
  readonly definition: SpaceDefinition
  readonly context: SpaceContext
  readonly genes: readonly Gene[]
  readonly resolution: Slot<Pair>
  readonly width: Slot<number>
  /** Of the weights of every layer for which no stage says otherwise. */
  readonly weightBits: Slot<8 | 4>
  readonly stages: readonly StagePlan[]
}

type When = Gene['controller'] | 'always' | 'never'

/** Lists the genes of a space for this input: lists of one choice are constants and have none. */
export function openSpace(definition: SpaceDefinition, context: SpaceContext): Space {
  const genes: Gene[] = []

  function slot<T>(
    group: string,
    letter: string,
    values: readonly T[],
    label: (value: T) => string,
    when: When = 'always',
  ): Slot<T> {
    if (values.length === 1 || when === 'never') return { gene: -1, values }
    genes.push({
      name: group + (letter && `.${letter}`),
      group,
      letter,
      labels: values.map(label),
      ...(when !== 'always' && when && { controller: when }),
    })
    return { gene: genes.length - 1, values }
  }

  const resolution = resolutions(definition.resolution, context)
  const plan = {
    resolution: slot('r', '', [...resolution.keys()], (r) => resolution.get(r)!),
    width: slot('w', '', definition.width, String),
    weightBits: slot<8 | 4>('b', '', definition.weightBits ?? [8], String),
  }
  const stages = definition.stages.map((stage): StagePlan => {
    const depth = slot(stage.name, 'd', stage.depth, String)
    const exists = where(depth, (d) => d >= 1)
    const one = (letter: string, list: readonly (number | Pair)[]) => slot(stage.name, letter, list.map(toPair), pairText, exists)
    const width = slot(stage.name, 'c', 'width' in stage ? stage.width : [0], String, exists)
    const stride = one('s', 'stride' in stage ? stage.stride : [1])
    const residual = slot(
      stage.name,
      'r',
      'residual' in stage ? stage.residual : [false],
      (yes) => (yes ? '1' : '0'),
      where(depth, (d) => d >= 2),
    )
    const swishes = ('hardSwish' in stage && stage.hardSwish) || [false]
    const hardSwish = slot(stage.name, 'h', swishes, (yes) => (yes ? '1' : '0'), exists)
    const bits = 'weightBits' in stage ? stage.weightBits : undefined
    const weightBits = bits && slot<8 | 4>(stage.name, 'b', bits, String, exists)
    const block = (group: string, when: When): BlockPlan => {
      const kernel = slot(group, 'k', 'kernel' in stage ? stage.kernel.map(toPair) : [[1, 1] as Pair], pairText, when)
      const expansion = slot(group, 'e', 'expansion' in stage ? stage.expansion : [1], String, when)
      const squeezes = ('squeeze' in stage && stage.squeeze) || [0]
      return {
        kernel,
        expansion,
        squeeze: slot(group, 'q', squeezes, String, when),
        keep: slot(
          group,
          'p',
          'keep' in stage ? stage.keep : [1],
          String,
          stage.block === 'mbconv' ? where(expansion, (e) => e > 1, when) : when,
        ),
      }
    }
    const deepest = Math.max(...stage.depth)
    const shared = stage.vary === 'stage' || deepest === 1 ? block(stage.name, exists) : undefined
    const blocks = Array.from(
      { length: deepest },
      (_, b) =>
        shared ??
        block(
          `${stage.name}.${b + 1}`,
          where(depth, (d) => d > b),
        ),
    )
    return { block: stage.block, depth, width, stride, residual, hardSwish, weightBits, blocks }
  })
  return { definition, context, genes, ...plan, stages }
}

/** The condition "this slot, itself under `outer`, holds a value that passes". */
function where<T>(slot: Slot<T>, passes: (value: T) => boolean, outer: When = 'always'): When {
  const on = slot.values.map(passes)
  if (slot.gene < 0) return on[0] ? outer : 'never'
  return on.every(Boolean) && outer === 'always' ? 'always' : { gene: slot.gene, on }
}

/** Sizes of the input in rows and columns, each once, with the value that names it; never above the data set's own, never
 * scaled under 12. */
function resolutions(list: readonly number[], { input: [h, w], kind = 'image' }: SpaceContext): Map<Pair, string> {
  const sizes = new Map<string, readonly [Pair, string]>()
  for (const value of kind === 'image' ? list : []) {
    const factor = value <= 1 ? value : value / Math.min(h, w)
    const size: Pair = [Math.round(h * factor), Math.round(w * factor)]
    if (factor <= 1 && (factor === 1 || Math.min(...size) >= 12) && !sizes.has(pairText(size)))
      sizes.set(pairText(size), [size, String(value)])
  }
  return new Map(sizes.size > 0 ? sizes.values() : [[[h, w], '1']])
}

const toPair = (value: number | readonly number[]): Pair => (typeof value === 'number' ? [value, value] : [value[0]!, value[1]!])
const pairText = ([h, w]: Pair): string => (h === w ? String(h) : `${h}x${w}`)
