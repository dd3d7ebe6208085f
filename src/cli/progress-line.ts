/** What a line of progress shows. `share` of the work that is done, `details` the most wanted first. */
export type ProgressLine = {
  readonly etaSeconds: number | undefined
  readonly share: number
  readonly count: string
  readonly details: readonly string[]
}

const barCells = { wide: 20, narrow: 8 } as const

/** One line within `width` columns: how long it still takes comes first and always stays; details go from the end, then the bar shrinks. */
export function progressLine(
  { etaSeconds, share, count, details }: ProgressLine,
  width: number,
  glyphs: 'unicode' | 'ascii',
): string {
  const [on, off] = glyphs === 'ascii' ? ['#', '.'] : ['█', '░']
  const line = (cells: number, shown: readonly string[]) => {
    const full = Math.round(Math.max(0, Math.min(1, share)) * cells)
    const bar = cells === 0 ? [] : [on.repeat(full) + off.repeat(cells - full)]
    return ` ${[formatEta(etaSeconds), [...bar, count].join(' '), ...shown].join(' · ')}`
  }
  for (let shown = details.length; shown >= 0; shown--)
    for (const cells of shown > 1 ? [barCells.wide] : [barCells.wide, barCells.narrow, 0]) {
      const text = line(cells, details.slice(0, shown))
      if (text.length <= width) return text
    }
  return ` ${formatEta(etaSeconds)}`
}

/** "ETA 12 min", in no finer steps than anybody can know. */
export function formatEta(seconds: number | undefined): string {
  if (seconds === undefined) return 'ETA unknown'
  if (seconds < 1) return 'ETA soon'
  if (seconds < 59.5) return `ETA ${Math.round(seconds)} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 60 ? `ETA ${minutes} min` : `ETA ${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
