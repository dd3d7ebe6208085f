import { formatCount } from '../util/units.ts'
import { exploreScript, exploreTheme } from './explore.ts'
import { fakeScores } from './format.ts'
import { markup } from './markup.ts'
import { htmlPage } from './page.ts'
import { markRecommended } from './recommend.ts'
import { fronts } from './sections/fronts.ts'
import { networks } from './sections/networks.ts'
import { picks } from './sections/picks.ts'
import { configuration, nextSteps, reproducibility } from './sections/provenance.ts'
import { searchSection } from './sections/search.ts'
import type { StudyView } from './view.ts'

/** The report of a study: one HTML file that needs nothing else, for any browser, phone or printer. */
export function renderReport(study: StudyView): string {
  const view = {
    ...study,
    targets: study.targets.map((t) => ({ ...t, front: markRecommended(t.front, t.budget, study.metric) })),
  }
  const { trained, infeasible, failed } = view.trials
  return htmlPage({
    title: view.study,
    lede: markup`<p class="lede">Pareto fronts of int8 networks, found by hardware-aware architecture search</p>
<ul class="facts"><li><b>${String(view.targets.length)}</b> ${view.targets.length === 1 ? 'board' : 'boards'}</li><li><b>${formatCount(trained)}</b> trained</li><li><b>${formatCount(infeasible)}</b> infeasible</li>${failed > 0 && markup`<li><b>${formatCount(failed)}</b> failed</li>`}<li>metric <b>${view.metric.name}</b> on ${view.metric.split}</li>${view.metric.fake === true && markup`<li><b>${fakeScores}</b></li>`}<li>seed <b>${String(view.seed)}</b></li></ul>`,
    sections: [
      { id: 'recommended', name: 'Recommended', body: picks(view) },
      { id: 'fronts', name: 'Fronts', body: fronts(view) },
      { id: 'networks', name: 'Networks', body: networks(view) },
      { id: 'search', name: 'Search', body: searchSection(view) },
      { id: 'next', name: 'Next steps', body: nextSteps(view) },
      { id: 'configuration', name: 'Configuration', body: configuration(view) },
      { id: 'reproducibility', name: 'Reproducibility', body: reproducibility(view) },
    ],
    more: { script: exploreScript, theme: exploreTheme },
    footer: markup`tinyfront ${view.reproducibility.version} · accuracy is that of the exported integers under the runtime's own rounding; RAM and flash are computed, latency is predicted with the interval shown`,
  })
}
