import { readdirSync } from 'node:fs'
import { isArchive } from '../../data/read/tree.ts'
import { loadTarget } from '../../device/load.ts'
import { readOption } from '../../run/record/option-kinds.ts'
import { boundNames } from '../../run/record/options.ts'
import { type OpenedData, openData } from '../../run/record/prepare.ts'
import { checkMetric, taskOf, usualMetric } from '../../task/lookup.ts'
import { TinyfrontError, usageError } from '../../util/errors.ts'
import { type OptionName, type Options, optionTable, optionText } from '../options.ts'
import { optionMeant } from '../suggest.ts'
import type { ProjectFile } from './define.ts'

/** Who answers. `again` is told what is wrong with an answer before it is asked for once more; it throws where nobody would answer. */
export type Interviewer = {
  readonly ask: (question: string, usual: string) => Promise<string>
  readonly again: (error: TinyfrontError) => void
  readonly say: (text: string) => void
}

/** Boards of three families, for who names none. */
const usualBoards = ['stm32f446', 'esp32-s3', 'rp2040']
/** Enough for a first look; longer finds better networks. */
const usualTime = '2m'

/** The five questions: data, task, boards, budgets, time. What flags say already is not asked. */
export async function interview(options: Options, by: Interviewer): Promise<ProjectFile> {
  const { data, opened } = await askData(options, by)
  for (const line of found(opened)) by.say(line)
  const metric = await askMetric(options, opened, by)
  const targets = await askBoards(options, by)
  const bounds = await askBudgets(options, by)
  const seconds = optionText('seconds', options) ?? (await askTime(by))
  const { study, label } = options
  return {
    ...(study === undefined ? {} : { study }),
    data,
    ...(label === undefined ? {} : { label }),
    ...(metric === undefined ? {} : { metric }),
    targets,
    ...bounds,
    seconds,
  }
}

/** Asks until the answer is one; what `take` throws for the person is said before it is asked again. */
async function asked<T>(by: Interviewer, question: string, usual: string, take: (text: string) => T | Promise<T>): Promise<T> {
  for (;;) {
    const text = (await by.ask(question, usual)).trim() || usual
    try {
      return await take(text)
    } catch (error) {
      if (!(error instanceof TinyfrontError)) throw error
      by.again(error)
    }
  }
}

async function askData(options: Options, by: Interviewer): Promise<{ data: string; opened: OpenedData }> {
  const open = async (data: string) => ({ data, opened: await openData({ ...options, data }, options.results) })
  if (options.data !== undefined) return open(options.data)
  return asked(by, '1/5 data: folder, archive or table', await likelyData(open), open)
}

/** This folder if it is a data set, else the first thing in it that is one. */
async function likelyData(open: (data: string) => Promise<unknown>): Promise<string> {
  const here = readdirSync('.', { withFileTypes: true })
    .filter(
      (e) => !e.name.startsWith('.') && (e.isDirectory() || isArchive(e.name) || /\.(csv|tsv|parquet|npz)(\.gz)?$/i.test(e.name)),
    )
    .map((e) => `./${e.name}`)
    .sort()
  for (const data of ['.', ...here])
    try {
      await open(data)
      return data
    } catch (error) {
      if (!(error instanceof TinyfrontError)) throw error
    }
  return '.'
}

/** What `data inspect` says first: how much of what, and what is wrong with it. */
function found({ report, task }: OpenedData): string[] {
  const { name, count, kind, shape, classes, warnings } = report
  return [
    `found ${name}: ${count} ${kind} examples of ${shape.join(' x ')}, ${taskOf(task).describe(classes.length)}`,
    ...(classes.length === 0 ? [] : [`      ${classes.map((c) => c.name).join(', ')}`]),
    ...warnings.map((warning) => `      warning: ${warning}`),
  ]
}

/** Undefined = the usual one of the task, which needs no line. */
async function askMetric(options: Options, { task, classes, report }: OpenedData, by: Interviewer): Promise<string | undefined> {
  const given = optionText('metric', options)
  if (given !== undefined) return given
  const unbalanced = (report.imbalance ?? 1) > 3
  const usual = unbalanced ? 'balanced-accuracy' : usualMetric(task).kind
  const metric = await asked(by, `2/5 task: ${task}; how is a network judged?`, usual, (text) => {
    checkMetric(readOption(optionTable.metric, text), task, classes.length)
    return text
  })
  return metric === usualMetric(task).kind ? undefined : metric
}

async function askBoards(options: Options, by: Interviewer): Promise<readonly string[]> {
  const take = (text: string) => {
    const names = readOption(optionTable.targets, text)
    for (const name of names) loadTarget(name)
    return names
  }
  if (options.targets !== undefined) return take(options.targets.join(','))
  return asked(by, '3/5 boards, comma-separated (tinyfront list devices shows all)', usualBoards.join(','), take)
}

type Budgets = { readonly [K in (typeof boundNames)[number]]?: string }

async function askBudgets(options: Options, by: Interviewer): Promise<Budgets> {
  const given = boundNames.flatMap((name) => {
    const text = optionText(name, options)
    return text === undefined ? [] : [[name, text]]
  })
  if (given.length > 0) return Object.fromEntries(given)
  return asked(by, '4/5 budgets beside what the boards have, such as latency=20ms ram=64kB', 'none', readBudgets)
}

/** "latency=20ms ram=64kB" */
function readBudgets(text: string): Budgets {
  if (text === 'none') return {}
  const pairs = text.split(/[\s,]+/).map((pair) => {
    const [name = '', value = ''] = pair.split('=')
    const bound = optionMeant(name, boundNames as readonly OptionName[])
    const known = boundNames.find((b) => b === bound)
    if (known === undefined)
      throw usageError(
        `"${pair}" is no budget`,
        `write for example ${boundNames.map((b) => `${optionTable[b].flag.slice(2)}=…`).join(' ')}`,
      )
    readOption(optionTable[known], value)
    return [known, value]
  })
  return Object.fromEntries(pairs)
}

const askTime = (by: Interviewer): Promise<string> =>
  asked(by, '5/5 time for everything; longer finds better networks', usualTime, (text) => {
    readOption(optionTable.seconds, text)
    return text
  })
