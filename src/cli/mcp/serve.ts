import type { CallToolResult, McpServer, ServerContext } from '@modelcontextprotocol/server'
import type { StudyEvent } from '../../run/record/events.ts'
import { TinyfrontError } from '../../util/errors.ts'
import { version } from '../../util/package-root.ts'
import { type CommandRow, commandTable } from '../commands.ts'
import { progressOf } from './progress.ts'
import { type Ran, runCommand } from './run.ts'
import { commandLine, inputSchema, toolName } from './tool.ts'

/** The commands that an agent may run. */
const toolRows = commandTable.filter((row) => row.agent !== undefined)

/** A server whose tools are commands, for the folder `root`. `gone`: the agent has left. */
export function mcpServer(Server: typeof McpServer, root: string, gone: AbortSignal): McpServer {
  const server = new Server({ name: 'tinyfront', version: version() })
  for (const row of toolRows)
    server.registerTool(
      toolName(row),
      {
        description: `${row.description[0]!.toUpperCase()}${row.description.slice(1)}.`,
        inputSchema: inputSchema(row),
        annotations: { readOnlyHint: row.agent === 'reads', openWorldHint: false },
      },
      (input, context) => answer(() => call(row, input, { root, gone, context })),
    )
  return server
}

type Situation = { readonly root: string; readonly gone: AbortSignal; readonly context: ServerContext }

async function call(
  row: CommandRow,
  input: Record<string, unknown>,
  { root, gone, context }: Situation,
): Promise<CallToolResult> {
  const signal = AbortSignal.any([context.mcpReq.signal, gone])
  const token = context.mcpReq._meta?.progressToken
  const args = commandLine(row, input, root)
  if (row.name !== 'search' && row.name !== 'resume') return resultOf(await runCommand(args, { cwd: root, signal }))
  const progress = progressOf()
  let study = ''
  const onLine = (line: string) => {
    const event = JSON.parse(line) as StudyEvent
    if (event.type === 'study:start') study = event.study
    const step = progress(event)
    if (step && token !== undefined)
      void context.mcpReq.notify({ method: 'notifications/progress', params: { progressToken: token, ...step } }).catch(() => {})
  }
  const ran = await runCommand(args, { cwd: root, signal, onLine })
  if (ran.code !== 0) return resultOf({ ...ran, out: '' })
  const results = args.filter((arg) => arg.startsWith('--results='))
  return resultOf(await runCommand(['front', '--json', ...results, '--', study], { cwd: root }))
}

/** A document as text and as structured content; where the command failed, what it said. */
function resultOf({ code, talk, out }: Ran): CallToolResult {
  const document = out === '' ? undefined : (JSON.parse(out) as Record<string, unknown>)
  const said = code === 0 || talk === '' ? [] : [{ type: 'text' as const, text: talk }]
  return {
    content: [...said, ...(document ? [{ type: 'text' as const, text: out }] : [])],
    ...(document ? { structuredContent: document } : {}),
    ...(code === 0 ? {} : { isError: true }),
  }
}

/** What a person could mend, the agent can. */
async function answer(work: () => Promise<CallToolResult>): Promise<CallToolResult> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof TinyfrontError)) throw error
    return { content: [{ type: 'text', text: `error ${error.message}\nmend  ${error.remedy}` }], isError: true }
  }
}
