import { eventParser, type Sent } from './sse.ts'

/** What the server says is wrong and how to mend it. */
export class Refused extends Error {
  readonly status: number
  readonly remedy: string
  constructor(status: number, message: string, remedy: string) {
    super(message)
    this.status = status
    this.remedy = remedy
  }
}

const key = 'tinyfront-token'

/** The token stands behind `#` in the address that the terminal shows; from there it goes into this browser's store for this very port. */
export function takeToken(): void {
  const token = /^#([0-9a-f]{32})$/.exec(location.hash)?.[1]
  if (token === undefined) return
  localStorage.setItem(key, token)
  history.replaceState(null, '', '/#/')
}

const headers = (more: Record<string, string> = {}): Record<string, string> => ({
  authorization: `Bearer ${localStorage.getItem(key) ?? ''}`,
  ...more,
})

async function answer(path: string, init: RequestInit): Promise<Response> {
  let response: Response
  try {
    response = await fetch(path, init)
  } catch {
    throw new Refused(0, 'tinyfront no longer answers', 'start `tinyfront ui` again')
  }
  if (response.ok) return response
  const { message, remedy } = (await response.json()) as { message: string; remedy: string }
  throw new Refused(response.status, message, remedy)
}

export const get = async <T>(path: string, signal?: AbortSignal): Promise<T> =>
  (await answer(path, { headers: headers(), ...(signal ? { signal } : {}) })).json() as Promise<T>

export const post = async <T>(path: string, body: unknown = {}): Promise<T> =>
  (
    await answer(path, { method: 'POST', headers: headers({ 'content-type': 'application/json' }), body: JSON.stringify(body) })
  ).json() as Promise<T>

/** Hands a file to the browser's downloads. */
export async function download(path: string, name: string): Promise<void> {
  const blob = await (await answer(path, { headers: headers() })).blob()
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

export type Follower = {
  /** Offset of the last line that is known here. */
  last(): number
  take(messages: readonly Sent[]): void
  link(state: 'open' | 'lost'): void
  refused(error: Refused): void
}

/** First and longest pause before the next attempt. */
const pauses = { first: 400, longest: 5000 }

/** Follows a study until the signal: a broken connection is made again, from the line after the last one. */
export async function follow(study: string, follower: Follower, signal: AbortSignal): Promise<void> {
  for (let pause = pauses.first; !signal.aborted; pause = Math.min(pauses.longest, pause * 2)) {
    try {
      const last = String(follower.last())
      const init = { headers: headers({ 'last-event-id': last }), signal }
      const response = await answer(`/api/studies/${study}/events`, init)
      follower.link('open')
      pause = pauses.first / 2
      const parse = eventParser()
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
      for (;;) {
        const { done, value } = await reader.read()
        if (done) break
        follower.take(parse(value))
      }
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof Refused && error.status > 0) return follower.refused(error)
    }
    follower.link('lost')
    await new Promise((next) => setTimeout(next, pause))
  }
}
