import type { ExportFile } from './file.ts'
import type { ExportFormat } from './formats.ts'

/** What the names of each format's symbols and files begin with, so that firmware with two networks can tell them apart; absent = it has no code. */
export const usualPrefix: Readonly<Partial<Record<ExportFormat, string>>> = {
  c: 'tinyfront',
  arduino: 'tinyfront',
  'esp-idf': 'tinyfront',
  zephyr: 'tinyfront',
  cmake: 'tinyfront',
  platformio: 'tinyfront',
  'c-array': 'model',
}

/** Files under another prefix: symbols, macros and file names. Texts of the person, as labels, stay what they are. */
export const withPrefix = (files: readonly ExportFile[], usual: string, prefix: string): ExportFile[] => {
  const renamed = renamer(usual, prefix)
  return files.map(({ path, data }) => {
    if (typeof data !== 'string' || isData.test(path)) return { path, data }
    return { path: renamed(path), data: isCode.test(path) ? outsideStrings(data, renamed) : renamed(data) }
  })
}

const isCode = /\.(c|cc|cpp|h|ino)$/
const isData = /(^|\/)(model\.json|labels\.txt)$/

function renamer(usual: string, prefix: string): (text: string) => string {
  const [symbol, macro] = [usual, usual.toUpperCase()].map((name) => new RegExp(`\\b${name}_`, 'g'))
  return (text) => text.replace(symbol!, `${prefix}_`).replace(macro!, `${prefix.toUpperCase()}_`)
}

/** C text by its parts: comments and code are renamed, and so are the names of included files; other strings are not ours. */
const outsideStrings = (code: string, renamed: (text: string) => string): string =>
  code.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|(#include )?"(?:[^"\\\n]|\\.)*"|[^"/#]+|[/#]/g, (part, include?: string) =>
    part.startsWith('"') && include === undefined ? part : renamed(part),
  )
