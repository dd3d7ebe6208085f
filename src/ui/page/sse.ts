export type Sent = { readonly id: string | undefined; readonly event: string; readonly data: string }

/** Takes a stream of server-sent events in any portions; gives its messages as they become whole (HTML standard, 9.2.6). */
export function eventParser(): (text: string) => Sent[] {
  let rest = ''
  return (text) => {
    const blocks = (rest + text).split('\n\n')
    rest = blocks.pop()!
    return blocks.map(messageOf)
  }
}

function messageOf(block: string): Sent {
  let id: string | undefined
  let event = 'message'
  const data: string[] = []
  for (const line of block.split('\n')) {
    const colon = line.indexOf(': ')
    const [field, value] = [line.slice(0, colon), line.slice(colon + 2)]
    if (field === 'id') id = value
    else if (field === 'event') event = value
    else if (field === 'data') data.push(value)
  }
  return { id, event, data: data.join('\n') }
}
