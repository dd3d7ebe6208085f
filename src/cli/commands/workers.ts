import { terminalTable } from '../../report/table.ts'
import { queueLengths } from '../../run/queue/job-queue.ts'
import { keys } from '../../run/queue/keys.ts'
import { type Link, openLink } from '../../run/queue/link.ts'
import { placeOf } from '../../run/queue/place.ts'
import { type Presence, whoIsThere } from '../../run/queue/presence.ts'
import { quarantine } from '../../run/queue/quarantine.ts'
import { exitCodes, usageError } from '../../util/errors.ts'
import { formatSeconds } from '../../util/units.ts'
import type { Run } from '../options.ts'
import { print, printJson, tableStyle, talk } from '../output.ts'

/** `tinyfront workers`: everybody at a queue, and the studies that they could serve. */
export const runWorkers: Run = async (_args, { queue, release, json }) => {
  if (queue === undefined) throw usageError('no queue given', 'pass --queue redis://host:6379, or set TINYFRONT_QUEUE')
  const link = await openLink(placeOf(queue))
  try {
    if (release !== undefined) {
      if (!(await quarantine(link.redis).release(release)))
        throw usageError(`machine "${release}" is not in quarantine`, 'see tinyfront workers for those that are')
      talk(`machine ${release} is trusted again`)
    }
    const [workers, studies, distrusted] = await Promise.all([whoIsThere(link), studiesAt(link), quarantine(link.redis).all()])
    if (json) printJson({ schemaVersion: 1, queue: link.shown, studies, workers, quarantine: distrusted })
    else show(workers, studies, distrusted)
    return exitCodes.ok
  } finally {
    await link.close()
  }
}

type QueuedStudy = {
  readonly study: string
  readonly queue: string
  readonly coordinator: boolean
  readonly waiting: number
  readonly active: number
}

async function studiesAt(link: Link): Promise<QueuedStudy[]> {
  const known = Object.entries(await link.redis.hgetall(keys.studies))
  return Promise.all(
    known.map(async ([queue, study]) => ({
      study,
      queue,
      coordinator: (await link.redis.exists(keys.announcement(queue))) === 1,
      ...(await queueLengths(link, queue)),
    })),
  )
}

function show(workers: readonly Presence[], studies: readonly QueuedStudy[], distrusted: Readonly<Record<string, string>>): void {
  const right = 'right' as const
  for (const { study, coordinator, waiting, active } of studies)
    print(
      `study ${study}: ${waiting} jobs wait, ${active} at work${coordinator ? '' : ', nobody runs it (tinyfront resume goes on)'}`,
    )
  const columns = [
    { title: 'worker' },
    { title: 'study' },
    { title: 'doing', shrinks: true as const },
    { title: 'for', align: right },
    { title: 'done', align: right },
    { title: 'failed', align: right },
    { title: 'busy', align: right },
    { title: 'a minute', align: right },
    { title: 'up', align: right },
    { title: 'last error', drop: 1 },
  ]
  const rows = workers.map((w) => [
    w.id,
    w.study ?? '–',
    w.jobs.length === 0 ? w.state : w.jobs.map((j) => j.kind).join(', '),
    w.jobs.length === 0 ? '' : formatSeconds(Math.max(...w.jobs.map((j) => j.seconds))),
    String(w.done),
    String(w.failed),
    `${Math.round((100 * w.busySeconds) / Math.max(1, w.upSeconds * w.threads))} %`,
    ((60 * w.done) / Math.max(1, w.upSeconds)).toFixed(1),
    formatSeconds(w.upSeconds),
    w.lastError ?? '',
  ])
  if (rows.length === 0) print('no workers')
  else print(terminalTable(columns, rows, tableStyle()).join('\n'))
  for (const [machine, why] of Object.entries(distrusted)) print(`in quarantine: ${machine}: ${why}`)
}
