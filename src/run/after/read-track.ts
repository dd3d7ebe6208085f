import type { Heard } from '../../task/detector.ts'
import { nearestName, usageError } from '../../util/errors.ts'

/** Lines of start, end and label, in seconds: a table with commas, semicolons or tabs, with or without a head, as Audacity exports it too. */
export function readTrack(text: string, file: string, classes: readonly string[]): Heard[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  return lines.flatMap((line, i): Heard[] => {
    if (line === '' || line.startsWith('#')) return []
    const [start = '', end = '', ...rest] = line.split(/[,;\t]/).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'))
    const label = rest.join(',')
    if (i === 0 && start !== '' && Number.isNaN(Number(start))) return []
    const heard = { start: Number(start), end: Number(end), label }
    if (start === '' || end === '' || !(heard.start >= 0 && heard.end >= heard.start) || label === '')
      throw usageError(
        `${file}: line ${i + 1}: "${line.slice(0, 80)}" is not start, end, label`,
        'write for example 1.5,2.25,yes',
      )
    if (!classes.includes(label)) {
      const near = nearestName(label, classes)
      throw usageError(
        `${file}: line ${i + 1}: the study knows no "${label.slice(0, 80)}"`,
        near ? `did you mean "${near}"?` : `its classes are ${classes.join(', ')}`,
      )
    }
    return [heard]
  })
}
