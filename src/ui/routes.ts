import { listDevices } from '../device/load.ts'
import { usageError } from '../util/errors.ts'
import type { Service } from './service.ts'

export type Answer =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'zip'; readonly name: string; readonly bytes: Uint8Array }

export type Route =
  | { readonly kind: 'follow'; readonly study: string; readonly after: number }
  | { readonly kind: 'ask'; readonly answer: (service: Service, body: unknown) => Promise<Answer> }

type Made = (names: readonly string[], query: URLSearchParams) => Route

/** A name as it stands in a path: what else a person may call a study is not served. */
const name = '([A-Za-z0-9][A-Za-z0-9._-]*)'
const number = '(0|[1-9][0-9]{0,8})'

const ask = (answer: (service: Service, body: unknown) => unknown): Route => ({
  kind: 'ask',
  answer: async (service, body) => ({ kind: 'json', value: (await answer(service, body)) ?? {} }),
})

const table: readonly (readonly [method: 'GET' | 'POST', path: RegExp, make: Made])[] = [
  ['GET', at('studies'), () => ask((s) => s.studies())],
  ['GET', at('boards'), () => ask(() => listDevices().map(({ id, name }) => ({ id, name })))],
  [
    'GET',
    at(`studies/${name}/events`),
    ([study], query) => ({ kind: 'follow', study: study!, after: wholeNumber(query.get('after') ?? '0') }),
  ],
  [
    'GET',
    at(`studies/${name}/trials/${number}`),
    ([study, n], query) => ask((s) => s.trial(study!, Number(n), query.get('board') ?? undefined)),
  ],
  ['GET', at(`studies/${name}/trials/${number}/predictions`), ([study, n]) => ask((s) => s.predictions(study!, Number(n)))],
  ['GET', at(`studies/${name}/examples`), ([study], query) => ask((s) => s.examples(study!, numbers(query.get('of') ?? '')))],
  ['GET', at(`studies/${name}/exports/${name}`), ([study, folder]) => archive(study!, folder!)],
  ['POST', at(`studies/${name}/trials/${number}/export`), ([study, n]) => ask((s, body) => s.export(study!, Number(n), body))],
  ['POST', at(`studies/${name}/stop`), ([study]) => ask((s) => s.stop(study!))],
  ['POST', at(`studies/${name}/resume`), ([study]) => ask((s) => s.resume(study!))],
  [
    'POST',
    at('search'),
    () =>
      ask(async (s, body) => {
        const { study, failed } = await s.search(body)
        return { study, failed: await failed }
      }),
  ],
]

function at(path: string): RegExp {
  return new RegExp(`^/api/${path}$`)
}

/** What a request asks for; undefined where there is nothing. Paths are compared as they are sent: nothing is decoded, nothing joined. */
export function routeOf(method: string, url: string): Route | undefined {
  const cut = url.indexOf('?')
  const path = cut < 0 ? url : url.slice(0, cut)
  for (const [known, pattern, make] of table) {
    const match = method === known ? pattern.exec(path) : null
    if (match) return make(match.slice(1), new URLSearchParams(cut < 0 ? '' : url.slice(cut + 1)))
  }
  return undefined
}

function archive(study: string, folder: string): Route {
  return {
    kind: 'ask',
    answer: async (service) => {
      const bytes = service.archive(study, folder)
      if (!bytes) throw usageError(`nothing was exported as ${folder}`, 'export it first')
      return { kind: 'zip', name: `${study}-${folder}.zip`, bytes }
    },
  }
}

/** Examples that are asked for at once. */
const examplesAtMost = 24

function numbers(text: string): number[] {
  const list = text === '' ? [] : text.split(',')
  if (list.length > examplesAtMost) throw usageError(`${list.length} examples at once`, `ask for at most ${examplesAtMost}`)
  return list.map(wholeNumber)
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw usageError('a number was expected', 'write digits alone')
  return Number(text)
}
