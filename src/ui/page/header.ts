import { markup } from '../../report/markup.ts'
import { formatSeconds } from '../../util/units.ts'
import { post, Refused } from './api.ts'
import { dataAt, fill, find, make } from './dom.ts'
import type { Model } from './model.ts'
import type { Part } from './session.ts'
import { formatEta } from './words.ts'

/** The top line: what the study is at, how long it still takes, and the buttons that start and stop it. */
export function header(study: string, model: Model, link: () => 'open' | 'lost'): Part {
  const node = make('header', 'bar')
  fill(
    node,
    markup`<div class="inner"><div class="name"><a href="#/" class="home">tinyfront</a><h1>${study}</h1><span class="pill" role="status"></span></div>
<div class="going"><span class="eta"></span><svg class="progress" viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label="progress"><rect width="0" height="6"/></svg><span class="count"></span></div>
<div class="actions"></div></div><p class="trouble" role="alert" hidden></p>`,
  )
  const trouble = find(node, '.trouble')
  let wrong = ''
  node.addEventListener('click', async (event) => {
    const action = dataAt(event, 'action')
    if (action === undefined) return
    wrong = ''
    try {
      await post(`/api/studies/${study}/${action}`)
    } catch (error) {
      wrong = error instanceof Refused ? `${error.message}: ${error.remedy}` : String(error)
    }
    update()
  })

  function update(): void {
    const standing = standingOf(model, link())
    const pill = find(node, '.pill')
    pill.className = `pill ${standing.tone}`
    if (pill.textContent !== standing.word) pill.textContent = standing.word
    find(node, '.eta').textContent = standing.eta
    find(node, '.count').textContent = standing.count
    find(node, '.progress rect').setAttribute('width', String(Math.round(1000 * standing.share) / 10))
    fill(
      find(node, '.actions'),
      standing.actions.map((a) => markup`<button data-action="${a.action}" class="${a.tone}">${a.word}</button>`),
    )
    const said = wrong || model.damage || model.state?.message || ''
    trouble.hidden = said === ''
    if (trouble.textContent !== said) trouble.textContent = said
  }
  return { node, update }
}

type Standing = {
  readonly word: string
  readonly tone: 'live' | 'done' | 'idle' | 'lost'
  readonly eta: string
  readonly count: string
  readonly share: number
  readonly actions: readonly { readonly action: 'stop' | 'resume'; readonly word: string; readonly tone: string }[]
}

function standingOf(model: Model, link: 'open' | 'lost'): Standing {
  const { state, facts } = model
  const trained = model.trials.reduce((n, t) => n + (t.state === 'trained' ? 1 : 0), 0)
  const wanted = facts?.limits.trials ?? null
  const polished = model.view?.polished.length ?? 0
  const seconds = facts?.limits.seconds ?? null
  const inPolish = state?.phase !== 'search' && model.stopReason !== undefined
  const share =
    state?.phase === 'complete'
      ? 1
      : seconds !== null
        ? Math.min(1, model.at / seconds)
        : wanted
          ? Math.min(1, trained / wanted)
          : 0
  const count = `${inPolish && polished > 0 ? `${polished} polished · ` : ''}${trained}${wanted ? ` of ${wanted}` : ''} trained · ${formatSeconds(model.at)}`
  if (link === 'lost') return { word: 'connection lost', tone: 'lost', eta: 'trying again …', count, share, actions: [] }
  if (!state) return { word: 'opening', tone: 'idle', eta: '', count: '', share: 0, actions: [] }
  if (state.writer) {
    const eta = state.etaSeconds === null ? 'ETA unknown' : `ETA ${formatEta(state.etaSeconds)}`
    const stop = {
      action: 'stop',
      word: state.stopping ? 'Drop what runs' : 'Stop',
      tone: state.stopping ? 'danger' : '',
    } as const
    const word = state.stopping ? 'finishing what runs' : state.phase === 'search' ? 'searching' : 'polishing'
    return { word, tone: 'live', eta, count, share, actions: state.writer.canStop ? [stop] : [] }
  }
  if (state.starting) return { word: 'starting', tone: 'live', eta: '', count, share, actions: [] }
  if (state.phase === 'complete') return { word: 'complete', tone: 'done', eta: '', count, share, actions: [] }
  return {
    word: 'stopped',
    tone: 'idle',
    eta: '',
    count,
    share,
    actions: [{ action: 'resume', word: 'Resume', tone: 'primary' }],
  }
}
