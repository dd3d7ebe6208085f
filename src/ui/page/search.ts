import { formatScore } from '../../report/format.ts'
import { type Content, type Markup, markup } from '../../report/markup.ts'
import { stackedBar } from '../../report/svg/bars.ts'
import { stepLines } from '../../report/svg/lines.ts'
import { legendMarker } from '../../report/svg/marks.ts'
import { formatPercent, formatSeconds } from '../../util/units.ts'
import { fill, make } from './dom.ts'
import type { Entry } from './model.ts'
import type { Part, Session } from './session.ts'

/** How the search goes: hypervolume over trials, what the workers have in hand, what ended last, where the time went. */
export function searchPart(session: Session): Part {
  const node = make('div', 'grid search')
  const [volumes, work, log, time] = ['Hypervolume over trials', 'In work', 'Last results', 'Where the workers’ time went'].map(
    (title) => {
      const card = make('section', 'card', markup`<h3>${title}</h3><div class="body"></div>`)
      node.append(card)
      return card.querySelector('.body')!
    },
  )
  const working = node.children[1]!
  let volumesOf: unknown
  return {
    node,
    update() {
      const { view, facts } = session.model
      if (!facts) return
      // drawn again only when something joined a front
      if (view !== volumesOf) {
        volumesOf = view
        fill(volumes!, hypervolumes(session))
        fill(
          time!,
          view && view.timing.length > 0
            ? stackedBar(view.timing, 'Shares of the workers’ time')
            : markup`<p class="note">nothing was trained yet</p>`,
        )
      }
      const searched = session.model.state?.writer ?? null
      working.toggleAttribute('hidden', searched === null)
      fill(work!, searched && [inWork(session), machines(session)])
      fill(log!, newest(session))
    },
  }
}

function hypervolumes({ model }: Session): Content {
  const { facts, view } = model
  const lines = facts!.boards.map((b, i) => ({
    series: i,
    name: b.title,
    points: (view?.boards[i]?.hypervolumeOverTrials ?? []).map((p) => ({ x: p.trial, y: p.value })),
  }))
  return [
    stepLines(lines, { title: 'Hypervolume over trials', xLabel: 'trial', yLabel: 'hypervolume', fromZero: true, most: 1 }),
    markup`<ul class="legend">${facts!.boards.map((b, i) => markup`<li>${legendMarker(i)}${b.target} <b>${(view?.boards[i]?.hypervolume ?? 0).toFixed(3)}</b></li>`)}</ul>`,
  ]
}

function inWork({ model: { state } }: Session): Markup {
  if (!state?.writer) return markup``
  const workers = state.workers === 1 ? 'one worker' : `${state.workers} workers`
  if (state.inWork === null)
    return markup`<p><b>${workers}</b></p><p class="note">The search runs in a process of its own (pid ${String(state.writer.pid)} on ${state.writer.host}). What its workers have in hand is known there alone; what is finished appears here.</p>`
  return markup`<p><b>${workers}</b>, ${String(state.inWork.length)} on their way</p><ul class="plain work">${state.inWork.map(
    ({ n, what, seconds }) =>
      markup`<li><b>${n < 0 ? 'teacher' : `#${n}`}</b> <span class="mono">${n < 0 ? '' : what}</span><small>${formatSeconds(seconds)}</small></li>`,
  )}</ul>`
}

/** Workers at the queue: who, doing what, since when, how fast, what went wrong last. */
function machines({ model: { state } }: Session): Markup {
  const rows = state?.machines
  if (!rows) return markup``
  if (rows === 'no answer')
    return markup`<p class="note">The queue does not answer. Nothing is lost: the search waits for it.</p>`
  if (rows.length === 0)
    return markup`<p class="note">Nobody is at the queue: start <code>tinyfront worker</code> on a machine.</p>`
  return markup`<table class="machines"><thead><tr><th>worker</th><th>doing</th><th>for</th><th>done</th><th>a minute</th><th>busy</th></tr></thead><tbody>${rows.map(
    (w) =>
      markup`<tr><td>${w.id}</td><td>${w.doing}</td><td>${w.seconds === null ? '' : formatSeconds(w.seconds)}</td><td>${String(w.done)}${w.failed > 0 && markup` <small>${String(w.failed)} failed</small>`}</td><td>${w.perMinute.toFixed(1)}</td><td>${formatPercent(w.busy)}</td></tr>${w.lastError !== null && markup`<tr><td class="note" colspan="6">${w.id}: ${w.lastError}</td></tr>`}`,
  )}</tbody></table>`
}

const listed = 9

function newest({ study, model }: Session): Markup {
  const entries = model.log.slice(-listed).reverse()
  if (entries.length === 0) return markup`<p class="note">Nothing yet.</p>`
  const link = (n: number) => markup`<a href="#/${study}/trial/${String(n)}">#${String(n)}</a>`
  return markup`<ul class="plain log">${entries.map((e) => markup`<li>${e.what === 'stop' ? 'search' : link(e.trial)} <span>${say(e)}</span>${e.at !== null && markup`<small>${formatSeconds(e.at)}</small>`}</li>`)}</ul>`

  function say({ what, trial: n }: Entry): string {
    const { metric } = model.facts!
    const trial = model.trials[n]
    switch (what) {
      case 'trial':
        return trial?.state === 'trained'
          ? `trained: ${formatScore(metric, trial.score)}`
          : trial?.state === 'failed'
            ? 'failed'
            : 'fits no board'
      case 'polish':
        return `polished: ${formatScore(metric, model.polishes.get(n)?.int8 ?? null)}`
      case 'test':
        return `test: ${formatScore(metric, model.tests.get(n)?.int8 ?? null)}`
      case 'verify':
        return model.verified.get(n) ? 'verified: the exported file computes the same' : 'verified: different!'
      case 'stop':
        return `ended (${model.stopReason ?? 'trials'}) after ${n} trials`
    }
  }
}
