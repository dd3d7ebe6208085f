import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, type Progress } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { main } from './built.ts'

// The server as an agent's programme starts it, spoken to by the SDK's own client.

const root = mkdtempSync(join(tmpdir(), 'tinyfront-mcp-'))
const outside = mkdtempSync(join(tmpdir(), 'tinyfront-outside-'))
const client = new Client({ name: 'test', version: '1' })

beforeAll(async () => {
  mkdirSync(join(root, 'sub'))
  symlinkSync(outside, join(root, 'link'))
  writeFileSync(join(outside, 'secret.csv'), 'a,label\n1,x\n')
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [main, 'mcp'], cwd: root, stderr: 'pipe' }))
})
afterAll(async () => {
  await client.close()
  for (const folder of [root, outside]) rmSync(folder, { recursive: true, force: true })
})

type Answer = { content: { text?: string }[]; structuredContent?: Record<string, unknown>; isError?: boolean }
const call = async (name: string, input: object, onprogress?: (step: Progress) => void): Promise<Answer> =>
  (await client.callTool({ name, arguments: { ...input } }, onprogress ? { onprogress } : {})) as unknown as Answer

const study = { data: 'builtin:gestures?count=200', engine: 'fake', study: 'agent', trials: 12 }

test('tools are the commands, with what the tables say of their options', async () => {
  const { tools } = await client.listTools()
  const names = [
    'search',
    'resume',
    'plan',
    'front',
    'compare',
    'show',
    'export',
    'verify',
    'predict',
    'stream',
    'profile',
    'list',
    'inspect',
  ]
  expect(tools.map((tool) => tool.name).sort()).toEqual([...names].sort())
  const search = tools.find((tool) => tool.name === 'search')!
  const { properties, required = [] } = search.inputSchema as unknown as {
    properties: Record<string, { description: string }>
    required?: string[]
  }
  expect(properties.maxRamBytes?.description).toMatch(/bound on RAM/)
  expect(properties).not.toHaveProperty('json')
  expect(required).toEqual([])
  expect(tools.find((tool) => tool.name === 'predict')?.inputSchema).toMatchObject({
    required: expect.arrayContaining(['trial', 'files']),
  })
  expect(tools.find((tool) => tool.name === 'front')?.annotations?.readOnlyHint).toBe(true)
})

test('inspect, plan, search with progress, front, show, list: the documents of docs/json.md', async () => {
  const inspected = await call('inspect', { path: study.data })
  expect(inspected.structuredContent).toMatchObject({ name: 'gestures', task: 'classification' })
  const planned = await call('plan', { ...study, targets: ['rp2040'], maxRamBytes: '64kB' })
  expect(planned.structuredContent).toMatchObject({ study: 'agent', trials: 12 })
  const steps: Progress[] = []
  const found = await call('search', { ...study, targets: 'rp2040,stm32f446', maxRamBytes: 64000 }, (step) => steps.push(step))
  expect(found.isError).toBeUndefined()
  expect(found.structuredContent).toMatchObject({ study: 'agent', targets: [{ target: 'rp2040' }, { target: 'stm32f446' }] })
  expect(steps.map((s) => s.progress)).toEqual([...steps.map((s) => s.progress)].sort((a, b) => a - b))
  expect(steps.at(-1)).toMatchObject({ progress: 12, total: 12 })
  expect((await call('front', { study: 'agent' })).structuredContent).toEqual(found.structuredContent)
  expect((await call('show', { study: 'agent', trial: 3, targets: ['esp32-s3'] })).structuredContent).toMatchObject({
    study: 'agent',
    trial: 3,
  })
  const { structuredContent: listed } = await call('list', { what: 'studies' })
  expect(listed?.studies).toEqual(['agent'])
  expect((await call('resume', { study: 'agent', trials: 14 })).structuredContent).toMatchObject({
    trials: { trained: 14 },
  })
})

test('export and verify of a trained network; profile of what was written', async () => {
  const small = {
    data: study.data,
    study: 'real',
    targets: ['rp2040'],
    trials: 1,
    polish: 0,
    teacher: 'none',
    maxRamBytes: '8kB',
  }
  expect((await call('search', small)).isError).toBeUndefined()
  const { structuredContent: made } = await call('export', { study: 'real', format: 'tflite', out: 'sub/firmware' })
  const [file] = (made!.files as string[]).filter((path) => path.endsWith('.tflite'))
  expect(readFileSync(join(root, file!)).length).toBeGreaterThan(1000)
  expect((await call('profile', { model: file, targets: ['rp2040'] })).structuredContent).toMatchObject({
    targets: [{ target: 'rp2040' }],
  })
  const { structuredContent: verified } = await call('verify', { study: file })
  expect((verified!.checks as { status: string }[]).map((check) => check.status)).not.toContain('different')
}, 120_000)

describe('what an agent gets wrong is told in two lines', () => {
  test.each<readonly [string, string, object, RegExp]>([
    [
      'a board',
      'search',
      { ...study, study: 'x', targets: ['stm32f44'] },
      /unknown device "stm32f44"\nmend {2}did you mean "stm32f446/,
    ],
    ['a study', 'front', { study: 'agnet' }, /no study "agnet"[\s\S]*did you mean "agent"/],
    ['a trial without its study', 'show', { trial: 3 }, /no study given/],
    ['a size without unit', 'search', { ...study, targets: ['rp2040'], maxRamBytes: '64' }, /--max-ram: size "64" has no unit/],
    ['a bound that nothing meets', 'front', { study: 'agent', maxRamBytes: '100B' }, /nothing fits/],
  ])('%s', async (_what, tool, input, says) => {
    const { isError, content } = await call(tool, input)
    expect([isError, content.map((c) => c.text).join()]).toEqual([true, expect.stringMatching(says)])
  })

  test('an option that there is not is refused by the schema', async () => {
    const refused = await call('search', { ...study, board: 'rp2040' }).catch((error: Error) => error.message)
    expect(JSON.stringify(refused)).toMatch(/board/)
  })
})

describe('nothing outside the folder is read or written', () => {
  test.each<readonly [string, string, object]>([
    ['data above', 'inspect', { path: '../' }],
    ['data from the root', 'inspect', { path: outside }],
    ['data through a link', 'inspect', { path: 'link/secret.csv' }],
    ['a link itself', 'inspect', { path: 'link' }],
    ['a study', 'front', { study: `${outside}/x` }],
    ['results', 'list', { what: 'studies', results: '..' }],
    ['a board file in a list', 'plan', { ...study, targets: ['rp2040', '../board.json'] }],
    ['a runtime', 'plan', { ...study, targets: 'rp2040:/etc/runtime.json' }],
    ['a teacher', 'search', { ...study, targets: 'rp2040', teacher: '/etc/passwd' }],
    ['an export', 'export', { study: 'agent', out: 'sub/../../elsewhere' }],
    ['files to predict', 'predict', { study: 'agent', trial: 1, files: ['sub', '/etc/hostname'] }],
    ['a model', 'profile', { model: '../../x.tflite' }],
  ])('%s', async (_what, tool, input) => {
    const { isError, content } = await call(tool, input)
    expect([isError, content[0]?.text]).toEqual([
      true,
      expect.stringMatching(/outside the folder that this server was started in\nmend/),
    ])
  })

  test('a word that looks like an option is none', async () => {
    const { isError, content } = await call('front', { study: '--results=/tmp' })
    expect([isError, content[0]?.text]).toEqual([true, expect.stringMatching(/outside the folder|no study/)])
  })
})

test('who leaves in the middle of a search finds it saved, and may go on', async () => {
  const other = new Client({ name: 'other', version: '1' })
  await other.connect(new StdioClientTransport({ command: process.execPath, args: [main, 'mcp'], cwd: root, stderr: 'pipe' }))
  const long = { data: study.data, targets: ['rp2040'], study: 'left', trials: 500, teacher: 'none', maxRamBytes: '8kB' }
  await new Promise<void>((begun) => {
    const onprogress = ({ progress }: Progress) => progress >= 1 && begun()
    other.callTool({ name: 'search', arguments: long }, { onprogress }).catch(() => {})
  })
  await other.close()
  const state = async () => {
    const { details } = (await call('list', { what: 'studies' })).structuredContent as {
      details: { study: string; state: string }[]
    }
    return details.find((found) => found.study === 'left')
  }
  for (let i = 0; i < 60 && (await state())?.state === 'running'; i++) await new Promise((done) => setTimeout(done, 500))
  expect(await state()).toMatchObject({ state: 'interrupted', trials: expect.any(Number) })
}, 120_000)
