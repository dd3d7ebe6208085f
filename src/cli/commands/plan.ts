import { assumption } from '../../device/cores.ts'
import { countGraph } from '../../graph/count.ts'
import { terminalTable } from '../../report/table.ts'
import { describeMisses } from '../../run/after/nearest-miss.ts'
import { askedLimits, askedStudy, completeLimits, completeStudy, limitPart, studyPart } from '../../run/record/asked.ts'
import { lagAdvice } from '../../run/record/lag.ts'
import type { Bounds } from '../../run/record/options.ts'
import { planStudy, recipeFor, recipeOptions, trainingSeconds } from '../../run/record/plan.ts'
import { loadTargets, openData, openStudySpace } from '../../run/record/prepare.ts'
import { chooseTeacher, type Survey, surveySpace, type TargetBudget } from '../../run/record/survey.ts'
import { decode } from '../../space/decode.ts'
import type { Space } from '../../space/genes.ts'
import { sizeOfSpace, toText } from '../../space/genome.ts'
import { taskOf } from '../../task/lookup.ts'
import { exitCodes, TinyfrontError } from '../../util/errors.ts'
import { formatBytes, formatCount, formatMilliseconds, formatPercent, formatSeconds } from '../../util/units.ts'
import type { Run } from '../options.ts'
import { print, printJson, tableStyle } from '../output.ts'
import { shortTime } from '../short-time.ts'

/** `tinyfront plan`: everything that is known before anything is trained. Exit code 3 where no sampled network fits any board. */
export const runPlan: Run = async (_args, options) => {
  const asked = askedStudy(studyPart(options))
  const limits = completeLimits(askedLimits(limitPart(options)))
  const dataset = await openData(asked, options.results)
  const config = completeStudy(asked, dataset.task)
  const space = openStudySpace(config.space, dataset, config.int4)
  const targets = loadTargets(config)
  const survey = surveySpace(space, targets, config.seed, 2000)
  const plan = planStudy({
    dataset,
    typicalMacs: survey.typicalMacs,
    polishMembers: config.polish,
    recipe: recipeOptions(config),
    ...limits,
  })
  const trialExamples = plan.trial.recipe.warmExamples + plan.trial.recipe.tuneExamples
  const trialSeconds = trainingSeconds(survey.typicalMacs, trialExamples)
  const trials = limits.trials ?? plan.expectedTrials ?? 0
  const teacherGraph = chooseTeacher(space, config.seed, plan.teacherMacs)
  const larger = 1.5 * survey.typicalMacs
  const polishSeconds = trainingSeconds(larger, recipeFor(plan.polish, larger).tuneExamples)
  const seconds = {
    teacher: config.teacher === 'auto' ? trainingSeconds(countGraph(teacherGraph).macs, plan.teacher.warmExamples) : 0,
    search: (trials * trialSeconds) / Math.min(limits.workers, config.lag + 1),
    polish:
      (plan.polishTime ? trainingSeconds(1, plan.polishTime.macExamples) : plan.polishMembers * polishSeconds) / limits.workers,
  }
  const size = sizeOfSpace(space)
  if (options.json) {
    const perTarget = Object.entries(survey.perTarget).map(([target, t]) => ({
      target,
      ...t,
      nearest: { ...t.nearest, genome: toText(space, t.nearest.genome) },
    }))
    printJson({
      schemaVersion: 1,
      study: config.study,
      space: space.definition.name,
      size: size.toString(),
      sampled: survey.sampled,
      feasibleAnywhere: survey.feasibleAnywhere,
      typicalMacs: survey.typicalMacs,
      perTarget,
      plan,
      trials,
      seconds,
    })
  } else {
    print(
      `space    ${space.definition.name}: ${formatCount(Number(size))} networks, typically ${formatCount(survey.typicalMacs)} MACs`,
    )
    print(
      `data     ${dataset.name}: ${dataset.splits.train.length} to train on, input ${dataset.shape.join(' x ')}, ${taskOf(dataset.task).describe(dataset.classes.length)}`,
    )
    print(
      `trials   ${trials} x ${trialExamples} examples on ${limits.workers} workers, about ${formatSeconds(trialSeconds)} each`,
    )
    print(
      `time     teacher ${formatSeconds(seconds.teacher)} (beside the search), search ${formatSeconds(seconds.search)}, polish ${formatSeconds(seconds.polish)}`,
    )
    for (const line of lagAdvice(limits.workers, config.lag, trials)) print(`lag      ${line}`)
    for (const line of warnings(shortTime({ config, plan }, limits.seconds), targets)) print(line)
    print('')
    const columns = [
      { title: 'board' },
      ...['fits', 'latency', 'RAM', 'flash'].map((title) => ({ title, align: 'right' as const })),
    ]
    const rows = Object.entries(survey.perTarget).map(([id, t]) => [
      id,
      formatPercent(t.feasible / survey.sampled),
      `${formatMilliseconds(t.latencyMs.least)} – ${formatMilliseconds(t.latencyMs.most)}`,
      `${formatBytes(t.ramBytes.least)} – ${formatBytes(t.ramBytes.most)}`,
      `${formatBytes(t.flashBytes.least)} – ${formatBytes(t.flashBytes.most)}`,
    ])
    print(terminalTable(columns, rows, tableStyle()).join('\n'))
  }
  if (survey.feasibleAnywhere === 0) throw nearestOf(survey, space, targets, config)
  return exitCodes.ok
}

const warnings = (short: string | undefined, targets: readonly TargetBudget[]): string[] => [
  ...(short === undefined ? [] : [`short    ${short}`]),
  ...targets.flatMap(({ target }) => assumption(target) ?? []).map((assumed) => `assumed  ${assumed}`),
]

/** Exit code 3 with the nearest of the sampled networks. */
function nearestOf(survey: Survey, space: Space, targets: readonly TargetBudget[], bounds: Bounds): TinyfrontError {
  const misses = targets.map(({ target, budget }) => {
    const { genome, cost } = survey.perTarget[target.id]!.nearest
    return { text: toText(space, genome), target, budget, cost, graph: () => decode(space, genome).graph }
  })
  const { what, take } = describeMisses(misses, bounds)
  return new TinyfrontError('nothingFits', what, take)
}
