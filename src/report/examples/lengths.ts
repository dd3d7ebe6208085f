import { formatSeconds } from '../../util/units.ts'
import { type Content, markup } from '../markup.ts'
import { histogram } from '../svg/histogram.ts'
import type { Sheet } from './page.ts'

/** How long the recordings are: seconds of sound clips, windows of longer recordings; nothing where all examples are whole. */
export function lengths({ decoded }: Sheet): Content {
  const { seconds } = decoded
  if (seconds?.every((s) => s === seconds[0]))
    return markup`<p class="note">Every clip is ${formatSeconds(seconds[0] ?? 0)} long.</p>`
  if (seconds)
    return markup`<div class="card"><figure>${histogram([...seconds], { title: 'Length of the clips', xLabel: 'seconds' })}<figcaption>Length of the sound files, before they were cut or padded.</figcaption></figure></div>`
  const { windows } = decoded
  if (!windows || windows.length <= 1) return false
  const counts = new Map<number, number>()
  for (const recording of windows.recording) counts.set(recording, (counts.get(recording) ?? 0) + 1)
  return markup`<div class="card"><figure>${histogram([...counts.values()], { title: 'Windows of each recording', xLabel: `windows of ${windows.length} rows` })}<figcaption>How many windows each of the ${String(counts.size)} recordings gave.</figcaption></figure></div>`
}
