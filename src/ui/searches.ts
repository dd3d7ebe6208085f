import { z } from 'zod'
import { writerOf } from '../store/lock.ts'
import { listStudies } from '../store/study-file.ts'
import { usageError } from '../util/errors.ts'
import { parseValue } from '../util/json-file.ts'
import type { Hub } from './hub.ts'
import type { Runner } from './runner.ts'

const searchSchema = z.strictObject({
  study: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'letters, digits, dots, dashes and underscores'),
  data: z.string().min(1).max(1000),
  targets: z.array(z.string().min(1).max(200)).min(1).max(16),
  time: z.string().max(20).optional(),
  trials: z.int().min(1).max(100_000).optional(),
  seed: z.string().max(64).optional(),
})

type SearchesInput = {
  readonly results: string
  /** The only study that is shown; absent = all. */
  readonly only: string | undefined
  readonly runner: Runner
  /** The hub of a study that is listed; throws where there is none. */
  readonly hubOf: (name: string) => Hub
  /** The hub of a study that somebody looks at. */
  readonly known: (name: string) => Hub | undefined
}

/** Starting, going on and stopping. */
export function searches({ results, only, runner, hubOf, known }: SearchesInput) {
  const listen = (name: string) => ({
    event: (event: Parameters<Hub['take']>[0]) => known(name)?.take(event),
    ended: (said: string | null) => known(name)?.searchEnded(said),
  })
  const folderOf = (name: string) => hubOf(name).study().store.folder
  return {
    stop(name: string): void {
      runner.stop(folderOf(name))
      hubOf(name).stopAsked()
    },

    async resume(name: string): Promise<void> {
      if (writerOf(folderOf(name))) throw usageError(`${name} is being searched already`, 'stop it first')
      await runner.start(name, ['resume', name, '--results', results], listen(name))
      hubOf(name).searchBegins()
    },

    async search(body: unknown): Promise<{ study: string; failed: Promise<string | null> }> {
      const asked = parseValue(body, searchSchema, 'request', 'search')
      const { study } = asked
      if (only !== undefined)
        throw usageError(`this page shows ${only} alone`, 'run `tinyfront ui` without a study to begin others')
      if (listStudies(results).includes(study)) throw usageError(`there is a study "${study}" already`, 'choose another name')
      const flag = (name: string, value: string | number | undefined) => (value === undefined ? [] : [`${name}=${value}`])
      const args = [
        'search',
        ...flag('--results', results),
        ...flag('--study', study),
        ...flag('--data', asked.data),
        ...flag('--device', asked.targets.join(',')),
        ...flag('--time', asked.time),
        ...flag('--trials', asked.trials),
        ...flag('--seed', asked.seed),
      ]
      let tell: (said: string | null) => void
      const failed = new Promise<string | null>((done) => {
        tell = done
      })
      await runner.start(study, args, {
        event(event) {
          if (event.type === 'study:start') {
            hubOf(study).searchBegins()
            tell(null)
          }
          listen(study).event(event)
        },
        ended(said) {
          tell(said)
          listen(study).ended(said)
        },
      })
      return { study, failed }
    },
  }
}
