import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { watchWorkers } from '../run/queue/watch.ts'
import type { StudyEvent } from '../run/record/events.ts'
import { serveUi, type Ui } from '../ui/server.ts'
import type { Options } from './options.ts'
import { talk, talkColour } from './output.ts'

/** The page of a search that runs in this process. */
export type SearchPage = {
  take(event: StudyEvent): void
  /** The search is over: the page stays open until Ctrl-C, unless that is what ended the search. */
  end(interrupted: boolean): Promise<void>
}

export async function openPage(
  options: Options,
  own: { readonly study: string; readonly stop: () => void },
): Promise<SearchPage> {
  const ui = await servePage(options, own.study, own.stop)
  const hub = ui.service.hub(own.study)
  hub.searchBegins()
  return {
    take: hub.take,
    async end(interrupted) {
      hub.searchEnded(null)
      if (!interrupted) {
        talk(`  page    ${ui.address} stays open; Ctrl-C closes it`)
        await interruption()
      }
      await ui.close()
    },
  }
}

/** Serves the page and says where. */
export async function servePage(options: Options, study: string | undefined, stop?: () => void): Promise<Ui> {
  const watch = options.queue === undefined ? undefined : await watchWorkers(options.queue)
  const ui = await serveUi({
    results: options.results,
    study,
    port: options.port,
    // apart from this terminal's Ctrl-C, which is passed on once and not twice
    spawn: (args) =>
      spawn(process.execPath, [...process.execArgv, entry, ...args], { stdio: ['ignore', 'pipe', 'pipe'], detached: true }),
    onBug: (error) => talk(`${talkColour.red('bug')} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
    ...(stop ? { own: stop } : {}),
    ...(watch ? { workers: watch.workers } : {}),
  })
  talk(`  page    ${ui.address}`)
  const close = async () => {
    await ui.close()
    await watch?.close()
  }
  return { ...ui, close }
}

/** Resolves on the first Ctrl-C or SIGTERM. */
export const interruption = (): Promise<void> =>
  new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done())
  })

/** The command line itself, from sources and from the built package alike. */
const entry = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './main.ts' : './main.js', import.meta.url))
