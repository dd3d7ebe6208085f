import type { Graph, OpKind } from '../../graph/graph.ts'
import { operators } from '../../graph/operators.ts'
import { featureOf } from './features.ts'
import type { Accelerator, Rule } from './schema.ts'

/** Where one operator runs. `why`: the rules that send it to the CPU. `notes`: rules under which it stays and takes longer. */
export type Mapping = { readonly on: 'accelerator' | 'cpu'; readonly why: readonly string[]; readonly notes: readonly string[] }

/**
 * The mapping check: operator by operator what the hardware takes, and why it leaves the rest, from the published rules of the maker's compiler.
 * A pure function; the compiler has the last word.
 */
export const mapOperators = (graph: Graph, accelerator: Accelerator): Mapping[] =>
  graph.ops.map((_, i) => mapOperator(graph, i, accelerator))

/** The operators that do not map, by index: the same as of `mapOperators`, without its words. */
export function onCpu(graph: Graph, { maps }: Accelerator): number[] {
  const left: number[] = []
  for (let i = 0; i < graph.ops.length; i++) {
    const rules = maps[graph.ops[i]!.kind]
    if (rules === undefined || rules.some((rule) => rule.otherwise === 'cpu' && !keeps(rule, graph, i))) left.push(i)
  }
  return left
}

/** Operators for which the maker's compiler refuses the whole network: none where it leaves them to the CPU. */
export function refusedOps(graph: Graph, accelerator: Accelerator): number {
  if (accelerator.fallback === 'cpu') return 0
  let count = 0
  for (const i of onCpu(graph, accelerator)) if (!accelerator.software?.includes(graph.ops[i]!.kind)) count++
  return count
}

function mapOperator(graph: Graph, i: number, { maps, never, name }: Accelerator): Mapping {
  const { kind } = graph.ops[i]!
  const rules = maps[kind]
  if (rules === undefined) return { on: 'cpu', why: [never?.[kind] ?? `${name} has no ${words[kind]}`], notes: [] }
  const broken = rules.filter((rule) => !keeps(rule, graph, i))
  const why = broken.flatMap((rule) => (rule.otherwise === 'cpu' ? [rule.why] : []))
  return {
    on: why.length > 0 ? 'cpu' : 'accelerator',
    why,
    notes: broken.flatMap((r) => (r.otherwise === 'slower' ? [r.why] : [])),
  }
}

const keeps = (rule: Rule, graph: Graph, i: number): boolean =>
  (rule.when ?? []).some((condition) => !holds(condition, graph, i)) || holds(rule, graph, i)

function holds(
  { of, min, max, oneOf, multipleOf }: Pick<Rule, 'of' | 'min' | 'max' | 'oneOf' | 'multipleOf'>,
  graph: Graph,
  i: number,
): boolean {
  const value = featureOf(of, graph, i)
  return (
    (min === undefined || value >= min) &&
    (max === undefined || value <= max) &&
    (oneOf === undefined || oneOf.includes(value)) &&
    (multipleOf === undefined || value % multipleOf === 0)
  )
}

const words = Object.fromEntries(Object.entries(operators).map(([kind, row]) => [kind, row.tflite.name])) as Record<
  OpKind,
  string
>

/** Of a whole network: how many operators map, and each reason with the operators it concerns, in the order of the network. */
export type MappingSummary = {
  readonly mapped: number
  readonly operators: number
  readonly reasons: readonly { readonly on: 'cpu' | 'accelerator'; readonly why: string; readonly ops: readonly number[] }[]
}

export function summarise(graph: Graph, accelerator: Accelerator): MappingSummary {
  const all = mapOperators(graph, accelerator)
  const reasons = new Map<string, { on: 'cpu' | 'accelerator'; why: string; ops: number[] }>()
  all.forEach(({ on, why, notes }, i) => {
    for (const reason of [...new Set(on === 'cpu' ? why : notes)]) {
      const key = `${on} ${reason}`
      const row = reasons.get(key) ?? { on, why: reason, ops: [] }
      row.ops.push(i)
      reasons.set(key, row)
    }
  })
  const layers = graph.ops.reduce((n, op) => n + (operators[op.kind].kernels.length > 0 ? 1 : 0), 0)
  const most = accelerator.graph?.layers
  const whole =
    most !== undefined && layers > most
      ? [
          {
            on: 'accelerator' as const,
            why: `${layers} layers with weights, of which the hardware takes ${most} at once`,
            ops: [],
          },
        ]
      : []
  return {
    mapped: all.filter(({ on }) => on === 'accelerator').length,
    operators: graph.ops.length,
    reasons: [...reasons.values(), ...whole].sort((a, b) => Number(b.on === 'cpu') - Number(a.on === 'cpu')),
  }
}
