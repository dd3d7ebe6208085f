import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { networkView } from '../run/after/network-view.ts'
import { memberView } from '../run/after/view.ts'
import { dutyOf } from '../run/record/duty.ts'
import { setupOf } from '../run/record/setup.ts'
import type { StudyStore } from '../run/record/study-store.ts'
import { usageError } from '../util/errors.ts'
import { trialRow } from './live-study.ts'
import type { TrialPage } from './wire.ts'

/** All that is known of one trial, priced on one board of the study. */
export function trialPage(store: StudyStore, n: number, board: string | undefined): TrialPage {
  const trial = store.trials()[n]
  if (!trial) throw usageError(`there is no trial ${n}`, `choose 0 to ${store.trials().length - 1}`)
  const targets = store.header.targets
  const target = board === undefined ? targets[0] : targets.find((t) => t.target.id === board)
  if (!target) throw usageError(`${board} is no board of this study`, `choose ${targets.map((t) => t.target.id).join(', ')}`)
  const test = store.tests().find((t) => t.trial === n)
  const polish = store.polishes().find((p) => p.trial === n)
  return {
    trial: trialRow(trial, store.header),
    board: target.target.id,
    network: networkView(store, setupOf(store.header), trial, [target], test),
    member: memberView(trial, target.target.id, polish, test, dutyOf(store.header.config)),
    exports: exportsOf(store.folder, n),
    without: withoutNetwork(store, n),
  }
}

/** Folders that were exported of this trial. */
function exportsOf(folder: string, n: number): readonly string[] {
  const root = join(folder, 'export')
  return existsSync(root)
    ? readdirSync(root)
        .filter((name) => name.startsWith(`trial-${n}-`))
        .sort()
    : []
}

/** Why the trial has no network to run; null where it has one. */
export function withoutNetwork(store: StudyStore, n: number): string | null {
  const trial = store.trials()[n]!
  if (store.header.config.engine === 'fake') return 'this study trained nothing (--engine fake), so there is no network'
  if (trial.state !== 'trained') return `it was not trained: ${trial.reason ?? trial.state}`
  if (existsSync(store.modelPath(n))) return null
  return trial.weights !== null && store.hasWeights(trial.weights) ? null : 'its weights were not kept'
}
