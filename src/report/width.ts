// biome-ignore lint/suspicious/noControlCharactersInRegex: ESC starts a colour sequence
const ansi = /\u001b\[[0-9;]*m/g

/** Columns a terminal needs: colour codes and combining marks take none, East Asian wide characters and emoji two (Unicode UAX #11). */
export function displayWidth(text: string): number {
  let width = 0
  for (const { segment } of graphemes.segment(text.replace(ansi, ''))) width += graphemeWidth(segment)
  return width
}

/** At most `width` columns, the cut marked by `ellipsis`. For text without colour codes. */
export function truncate(text: string, width: number, ellipsis = '…'): string {
  if (displayWidth(text) <= width) return text
  let out = ''
  let used = 0
  for (const { segment } of graphemes.segment(text)) {
    const w = graphemeWidth(segment)
    if (used + w > width - displayWidth(ellipsis)) break
    out += segment
    used += w
  }
  return width < displayWidth(ellipsis) ? '' : out.trimEnd() + ellipsis
}

export function pad(text: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)))
  return align === 'left' ? text + space : space + text
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

function graphemeWidth(grapheme: string): number {
  if (/^(?:\p{Mark}|[\u200b-\u200f])+$/u.test(grapheme)) return 0
  if (/\p{Emoji_Presentation}|\ufe0f/u.test(grapheme)) return 2
  return isWide(grapheme.codePointAt(0)!) ? 2 : 1
}

/** The blocks whose East Asian width is W or F. */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x20000, 0x3fffd],
]
const isWide = (code: number): boolean => wide.some(([low, high]) => code >= low && code <= high)
