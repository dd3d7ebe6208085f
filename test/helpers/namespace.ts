import { execFileSync } from 'node:child_process'

/** A machine of its own on this one: a network namespace, joined by a pair of interfaces that can be cut. Needs root. */
export type Namespace = {
  /** This machine's address as the other one sees it. */
  readonly host: string
  /** What a command begins with to run there. */
  readonly prefix: readonly string[]
  /** From now on packets vanish. */
  cut(): void
  mend(): void
  end(): void
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: 'pipe' })
}

/** `n` tells namespaces apart, 1 to 250: the third number of their addresses. */
export function makeNamespace(n: number): Namespace {
  const [name, link] = [`tfq${n}`, `tfq${n}h`]
  const [host, guest] = [`10.77.${n}.1`, `10.77.${n}.2`]
  ip('netns', 'add', name)
  try {
    ip('link', 'add', link, 'type', 'veth', 'peer', 'name', `${link}g`, 'netns', name)
    ip('addr', 'add', `${host}/24`, 'dev', link)
    ip('link', 'set', link, 'up')
    ip('-n', name, 'addr', 'add', `${guest}/24`, 'dev', `${link}g`)
    ip('-n', name, 'link', 'set', `${link}g`, 'up')
  } catch (error) {
    ip('netns', 'del', name)
    throw error
  }
  return {
    host,
    prefix: ['ip', 'netns', 'exec', name],
    cut: () => ip('link', 'set', link, 'down'),
    mend: () => ip('link', 'set', link, 'up'),
    end: () => ip('netns', 'del', name),
  }
}

/** Whether this user may make them here. */
export const hasNamespaces = ((): boolean => {
  try {
    makeNamespace(250).end()
    return true
  } catch {
    return false
  }
})()
