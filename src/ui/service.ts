import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import { z } from 'zod'
import type { Dataset } from '../data/dataset.ts'
import { exportFormats } from '../export/bundle/formats.ts'
import { exportTrial } from '../run/after/export-trial.ts'
import { predictionsOf } from '../run/after/predictions.ts'
import type { AtQueue } from '../run/queue/watch.ts'
import { openData } from '../run/record/prepare.ts'
import type { StudyStore } from '../run/record/study-store.ts'
import { listStudies } from '../store/study-file.ts'
import { usageError } from '../util/errors.ts'
import { parseValue } from '../util/json-file.ts'
import { type Hub, hub } from './hub.ts'
import { examplePicture, predictionsPage } from './predictions-page.ts'
import type { Runner } from './runner.ts'
import { searches } from './searches.ts'
import { studyRows } from './studies.ts'
import { trialPage, withoutNetwork } from './trial-page.ts'
import type { ExamplePicture, PredictionsPage, StudyRow, TrialPage } from './wire.ts'

export type ServiceOptions = {
  readonly results: string
  /** The only study that is shown; absent = all of the results folder. */
  readonly study?: string | undefined
  readonly runner: Runner
  /** Who is at the queue, where one is watched. */
  readonly workers?: AtQueue | undefined
}

/** What pages may ask for. Names come from requests: only a study that is listed is ever opened. */
export type Service = ReturnType<typeof service>

const exportSchema = z.strictObject({ format: z.enum(exportFormats) })
export function service({ results, study: only, runner, workers }: ServiceOptions) {
  const hubs = new Map<string, Hub>()
  const hubOf = (name: string): Hub => {
    const known = hubs.get(name)
    if (known) return known
    if ((only !== undefined && name !== only) || !listStudies(results).includes(name))
      throw usageError(`there is no study "${name.slice(0, 80)}" here`, 'choose one of the list')
    const made = hub(name, results, workers)
    hubs.set(name, made)
    return made
  }
  const storeOf = (name: string): StudyStore => hubOf(name).study().store
  const data = lastOpened((store: StudyStore) => openData(store.header.config, results))
  const predictions = lastOpened(async (store: StudyStore, n: number): Promise<PredictionsPage> => {
    const dataset = await data.get(store.study.name, store)
    return predictionsPage(dataset, await predictionsOf(store, n, dataset, results))
  })

  return {
    hub: hubOf,
    studies: (): StudyRow[] => studyRows(results, only),
    trial: (name: string, n: number, board: string | undefined): TrialPage => trialPage(storeOf(name), n, board),

    async predictions(name: string, n: number): Promise<PredictionsPage> {
      const store = openable(storeOf(name), n)
      const scored = store.tests().some((t) => t.trial === n) ? 'test' : 'search'
      return predictions.get(`${name}/${n}/${scored}`, store, n)
    },

    async examples(name: string, list: readonly number[]): Promise<ExamplePicture[]> {
      const store = storeOf(name)
      const dataset: Dataset = await data.get(name, store)
      const count = dataset.labels.values.length / dataset.labels.width
      return list.filter((i) => i < count).map((i) => examplePicture(dataset, i))
    },

    async export(name: string, n: number, body: unknown): Promise<{ folder: string; files: readonly string[] }> {
      const { format } = parseValue(body, exportSchema, 'request', 'export')
      const store = openable(storeOf(name), n)
      const { folder, files } = await exportTrial(store, n, { format, sparsity: 0 }, results)
      return { folder: folder.split(/[\\/]/).at(-1)!, files }
    },

    /** The files of an exported folder as one archive; undefined where there is none of that name. */
    archive(name: string, folder: string): Uint8Array | undefined {
      const root = join(storeOf(name).folder, 'export')
      // only a folder that stands there itself, by the name it has there: links lead elsewhere
      const there = existsSync(root) ? readdirSync(root, { withFileTypes: true }) : []
      if (!there.some((entry) => entry.isDirectory() && entry.name === folder)) return undefined
      const files = readdirSync(join(root, folder), { recursive: true, withFileTypes: true }).filter((f) => f.isFile())
      const entries = files.map((f): [string, Uint8Array] => {
        const path = join(f.parentPath, f.name)
        return [path.slice(join(root, folder).length + 1).replaceAll('\\', '/'), readFileSync(path)]
      })
      return zipSync(Object.fromEntries(entries), { mtime: '1980-01-01' })
    },

    ...searches({ results, only, runner, hubOf, known: (name) => hubs.get(name) }),

    close(): void {
      for (const h of hubs.values()) h.close()
    },
  }
}

function openable(store: StudyStore, n: number): StudyStore {
  if (!store.trials()[n]) throw usageError(`there is no trial ${n}`, `choose 0 to ${store.trials().length - 1}`)
  const why = withoutNetwork(store, n)
  if (why !== null) throw usageError(`trial ${n}: ${why}`, 'choose another one')
  return store
}

/** Keeps what was made last: a person looks at one thing for a while. What failed is tried again. */
function lastOpened<A extends readonly unknown[], T>(make: (...args: A) => Promise<T>) {
  let last: { readonly key: string; readonly made: Promise<T> } | undefined
  return {
    get(key: string, ...args: A): Promise<T> {
      if (last?.key === key) return last.made
      const made = make(...args)
      last = { key, made }
      made.catch(() => {
        if (last?.made === made) last = undefined
      })
      return made
    },
  }
}
