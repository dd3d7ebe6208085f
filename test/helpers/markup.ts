export type Tag = { readonly name: string; readonly attributes: Readonly<Record<string, string>> }

/** Elements that HTML never closes. */
const voids = new Set(['meta', 'br', 'input', 'img'])

/**
 * A strict little reader of what our pages are made of: quoted attributes, no stray `<`, `>` or `&`, every tag closed in order. Throws where XML would (but for HTML's void
 * elements and valueless attributes). Contents of `style` and `script` are skipped, as browsers do. Returns the opening tags in order.
 */
export function readMarkup(source: string): Tag[] {
  const tags: Tag[] = []
  const open: string[] = []
  let at = 0
  const fail = (why: string): never => {
    throw new Error(`${why} at ${at}: ${JSON.stringify(source.slice(Math.max(0, at - 60), at + 60))}`)
  }
  while (at < source.length) {
    const next = source.indexOf('<', at)
    const text = source.slice(at, next < 0 ? source.length : next)
    if (/>|&(?!(?:amp|lt|gt|quot|#39);)/.test(text)) fail('stray character in text')
    if (next < 0) break
    at = next
    const match = /<(?:!doctype html|\/([a-zA-Z0-9]+)|([a-zA-Z0-9]+)((?:\s+[a-zA-Z:-]+(?:="[^"<>]*")?)*)\s*(\/?))>/y
    match.lastIndex = at
    const found = match.exec(source) ?? fail('not a tag')
    const [whole, closing, name, attributes = '', selfClosing] = found
    at += whole.length
    if (closing !== undefined) {
      if (open.pop() !== closing) fail(`</${closing}> closes nothing`)
    } else if (name !== undefined) {
      const pairs = [...attributes.matchAll(/([a-zA-Z:-]+)(?:="([^"]*)")?/g)].map((m) => [m[1]!, m[2] ?? ''] as const)
      if (new Set(pairs.map(([key]) => key)).size < pairs.length) fail('an attribute twice')
      if (pairs.some(([, value]) => /&(?!(?:amp|lt|gt|quot|#39);)/.test(value))) fail('stray & in an attribute')
      tags.push({ name, attributes: Object.fromEntries(pairs) })
      if (name === 'style' || name === 'script') at = source.indexOf(`</${name}>`, at) + name.length + 3
      else if (!selfClosing && !voids.has(name)) open.push(name)
    }
  }
  if (open.length > 0) fail(`<${open.at(-1)}> is never closed`)
  return tags
}

/** The SVG pictures of a page. */
export const picturesOf = (html: string): string[] => html.match(/<svg[\s\S]*?<\/svg>/g) ?? []
