import { markup } from '../../report/markup.ts'
import type { LineMessage, StateMessage, StudyRow, ViewMessage } from '../wire.ts'
import { follow, get, Refused, takeToken } from './api.ts'
import { eachFrame, find, make } from './dom.ts'
import { header } from './header.ts'
import { emptyModel, type Model, takeLine } from './model.ts'
import { overview } from './overview.ts'
import { newSession, type Part, type Session } from './session.ts'
import type { Sent } from './sse.ts'
import { studiesPage } from './studies.ts'
import { trialPart } from './trial.ts'

/** `#/`, `#/STUDY`, `#/STUDY/trial/7?board=rp2040` */
function place(): { study: string | undefined; trial: number | undefined; board: string | undefined } {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?')
  const [study, , trial] = path.split('/')
  return {
    study: study || undefined,
    trial: trial === undefined || !/^\d+$/.test(trial) ? undefined : Number(trial),
    board: new URLSearchParams(query).get('board') ?? undefined,
  }
}

const app = find(document, '#app')

/** What is shown now; a new place ends what belongs to the one before. */
let opened: { readonly study: string; readonly end: AbortController; readonly go: () => void } | undefined

async function go(): Promise<void> {
  const { study } = place()
  if (opened && opened.study === study) return opened.go()
  opened?.end.abort()
  opened = undefined
  try {
    if (study === undefined) {
      const studies = await get<StudyRow[]>('/api/studies')
      // one study, shown alone: there is nothing to choose
      if (studies.length === 1 && history.length <= 2) return void location.replace(`#/${studies[0]!.study}`)
      document.title = 'tinyfront'
      app.replaceChildren(await studiesPage())
    } else opened = openStudy(study)
  } catch (error) {
    refused(error)
  }
}

function refused(error: unknown): void {
  const [message, remedy] = error instanceof Refused ? [error.message, error.remedy] : [String(error), 'load the page again']
  app.replaceChildren(make('main', 'wait', markup`<h1>tinyfront</h1><p>${message}</p><p class="note">${remedy}</p>`))
}

function openStudy(study: string): NonNullable<typeof opened> {
  const end = new AbortController()
  const shell = make('div', 'study')
  const body = make('div', 'body', markup`<p class="wait">opening ${study} …</p>`)
  document.title = `${study} · tinyfront`
  let link: 'open' | 'lost' = 'open'
  let session = newSession(study, emptyModel())
  let top = header(study, session.model, () => link)
  let front: Part | undefined
  let trial: AbortController | undefined
  let scroll = 0
  shell.append(top.node, body)
  app.replaceChildren(shell)

  const draw = eachFrame(() => {
    top.update()
    if (front?.node.isConnected) front.update()
  })

  /** The overview stays as it was left while a trial is looked at. */
  function show(): void {
    trial?.abort()
    const { trial: n, board } = place()
    const { facts } = session.model
    if (!facts) return
    const at = facts.boards.findIndex((b) => b.target === board)
    if (at >= 0) session.board = at
    front ??= overview(session)
    if (n === undefined) {
      if (!front.node.isConnected) body.replaceChildren(front.node)
      front.update()
      window.scrollTo(0, scroll)
      return
    }
    if (front.node.isConnected) scroll = window.scrollY
    trial = new AbortController()
    const { signal } = trial
    trialPart(session, n, board, signal).then(
      (node) => {
        if (signal.aborted) return
        body.replaceChildren(node)
        window.scrollTo(0, 0)
      },
      (error) => {
        if (!signal.aborted) body.replaceChildren(noTrial(study, error))
      },
    )
  }

  function forget(): void {
    session = newSession(study, emptyModel())
    front = undefined
    const before = top.node
    top = header(study, session.model, () => link)
    before.replaceWith(top.node)
  }

  const follower = {
    last: () => session.model.last,
    take(messages: readonly Sent[]) {
      for (const message of messages) {
        if (message.event === 'reset') forget()
        else take(session, message)
      }
      if (!session.model.facts || !session.model.view) return
      if (!front) show()
      draw()
    },
    link(state: 'open' | 'lost') {
      link = state
      draw()
    },
    refused,
  }
  void follow(study, follower, end.signal)
  end.signal.addEventListener('abort', () => trial?.abort())
  return { study, end, go: show }
}

const noTrial = (study: string, error: unknown): HTMLElement => {
  const said = error instanceof Refused ? `${error.message}: ${error.remedy}` : String(error)
  return make('main', 'wait', markup`<p>${said}</p><p><a href="#/${study}">← all trials</a></p>`)
}

function take({ model }: Session, { id, event, data }: Sent): void {
  const value: unknown = JSON.parse(data)
  if (event === 'line') takeLine(model, Number(id), value as LineMessage)
  else if (event === 'view') model.view = value as ViewMessage
  else if (event === 'state') model.state = value as StateMessage
  else if (event === 'damage') model.damage = value as Model['damage']
}

takeToken()
addEventListener('hashchange', () => {
  takeToken()
  void go()
})
void go()
