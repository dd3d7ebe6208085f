import { once } from 'node:events'
import { TinyfrontError } from '../../util/errors.ts'
import { mcpServer } from '../mcp/serve.ts'
import type { Run } from '../options.ts'

/** `tinyfront mcp`: the commands as tools of the Model Context Protocol, over stdin and stdout, for the folder it is started in. */
export const runMcp: Run = async () => {
  const { McpServer, serveStdio } = await sdk()
  const gone = new AbortController()
  const handle = serveStdio(() => mcpServer(McpServer, process.cwd(), gone.signal))
  await once(process.stdin, 'close')
  gone.abort() // a search that nobody waits for is saved
  await handle.close()
  return 0
}

/** The official SDK is an optional dependency: who has no agent need not have it. */
async function sdk() {
  try {
    const [{ McpServer }, { serveStdio }] = await Promise.all([
      import('@modelcontextprotocol/server'),
      import('@modelcontextprotocol/server/stdio'),
    ])
    return { McpServer, serveStdio }
  } catch (cause) {
    throw new TinyfrontError(
      'missingTool',
      '@modelcontextprotocol/server is not installed',
      '`npm install @modelcontextprotocol/server` beside tinyfront',
      { cause },
    )
  }
}
