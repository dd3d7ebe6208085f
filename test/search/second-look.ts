import { randomSearch } from '../../src/search/random.ts'
import type { StrategyFactory } from '../../src/search/strategy.ts'
import { errorOf } from '../../src/task/metric.ts'

/** A strategy as somebody might add it: at random, but every third trial trains the best network that had no second look once more, longer. */
export const secondLook: StrategyFactory = (study) => {
  const random = randomSearch(study)
  return (view, n, stream) => {
    const looked = new Set([...view.history, ...view.pending].filter((t) => t.rung === 1).map((t) => String(t.genome)))
    const [best] = view.history
      .filter((t) => t.state === 'trained' && t.rung === 0 && !looked.has(String(t.genome)))
      .sort((a, b) => errorOf(study.metric, a.score!) - errorOf(study.metric, b.score!) || a.n - b.n)
    if (n % 3 === 2 && view.attempt === 0 && best) return { genome: best.genome, parents: [best.n], rung: 1 }
    return random(view, n, stream)
  }
}
