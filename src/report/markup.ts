/** Text that is already HTML or SVG. Only `markup` and `raw` make it, so whatever else reaches a page is escaped. */
export type Markup = { readonly markup: string }
export type Content = Markup | string | number | null | undefined | false | readonly Content[]

/**
 * Template tag for HTML and SVG alike: strings are escaped, numbers are coordinates (two decimals; a number that is not finite is a bug and
 * throws), lists are joined, null and false vanish. Names come from users' folders, so escaping is the rule and not a habit.
 */
export function markup(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  let out = parts[0]!
  for (let i = 0; i < values.length; i++) out += render(values[i]) + parts[i + 1]!
  return { markup: out }
}

/** Constant text of our own (style sheet, script). Never for anything read from a file. */
export const raw = (text: string): Markup => ({ markup: text })

function render(value: Content): string {
  if (value === null || value === undefined || value === false) return ''
  if (typeof value === 'string') return escapeText(value)
  if (typeof value === 'number') return coordinate(value)
  if ('markup' in value) return value.markup
  return value.map(render).join('')
}

/** At most two decimals and no trailing zeros: 12.3456 -> "12.35", 7 -> "7". */
export function coordinate(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`a number on a page must be finite, got ${value}`)
  return String(Math.round(value * 100) / 100)
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Safe between tags and inside quoted attributes, of HTML and of XML. */
export const escapeText = (text: string): string => printable(text).replace(/[&<>"']/g, (c) => entities[c]!)

/**
 * Replaces what no name should hold and what could turn a terminal or a page against its reader: control characters (escape sequences),
 * bidirectional overrides, lone surrogates and XML's two non-characters.
 */
export const printable = (text: string): string =>
  text
    .replace(/[\t\n\r]/g, ' ')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this removes
    .replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffe\uffff]|[\ud800-\udfff]/gu, '\ufffd')
