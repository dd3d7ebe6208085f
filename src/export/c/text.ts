/** `static const TYPE NAME[N] = {...};` with lines of at most 120 columns. */
export function arrayText(type: string, name: string, values: ArrayLike<number>): string {
  const lines: string[] = []
  let line = ' '
  for (let i = 0; i < values.length; i++) {
    const item = ` ${values[i]},`
    if (line.length + item.length > 120) {
      lines.push(line)
      line = ' '
    }
    line += item
  }
  return `static const ${type} ${name}[${values.length}] = {\n${[...lines, line].join('\n')}\n};\n`
}

/** Text as a C string literal: anything but plain ASCII becomes octal escapes of its UTF-8 bytes. */
export function stringText(value: string): string {
  const escaped = Array.from(new TextEncoder().encode(value), (byte) =>
    byte < 32 || byte > 126 || byte === 34 || byte === 92 || byte === 63
      ? `\\${byte.toString(8).padStart(3, '0')}`
      : String.fromCharCode(byte),
  )
  return `"${escaped.join('')}"`
}

/** A float32 value as a C literal that reads back to the same bits. */
export function floatText(value: number): string {
  const text = String(Math.fround(value))
  return `${/[.e]/.test(text) ? text : `${text}.0`}f`
}

/** A name as a C macro: `melBands.h` becomes `MEL_BANDS_H`. */
export const constantText = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase()
