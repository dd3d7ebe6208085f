import { createServer } from 'node:http'
import { TinyfrontError } from '../../util/errors.ts'
import { queueLengths } from './job-queue.ts'
import type { Link } from './link.ts'
import type { Presence } from './presence.ts'

const metric = (name: string, kind: 'counter' | 'gauge', help: string, value: number, labels = ''): string =>
  `# HELP tinyfront_${name} ${help}\n# TYPE tinyfront_${name} ${kind}\ntinyfront_${name}${labels} ${value}\n`

/** A worker in the text format of Prometheus: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export const metricsText = (p: Presence, queued: { readonly waiting: number; readonly active: number } | undefined): string =>
  [
    metric(
      'worker_info',
      'gauge',
      'What this worker is.',
      1,
      `{machine="${p.machine}",version="${p.version}",kernels="${p.kernels}"}`,
    ),
    metric('worker_threads', 'gauge', 'Trainings at a time.', p.threads),
    metric('worker_running_jobs', 'gauge', 'Jobs at work.', p.jobs.length),
    metric('worker_jobs_done_total', 'counter', 'Jobs that came to a result.', p.done),
    metric('worker_jobs_failed_total', 'counter', 'Jobs that failed.', p.failed),
    metric('worker_busy_seconds_total', 'counter', 'Time in trainings.', p.busySeconds),
    metric('worker_up_seconds', 'gauge', 'Time since the worker began.', p.upSeconds),
    metric('worker_serving', 'gauge', '1 where it serves a study.', p.state === 'serving' ? 1 : 0),
    ...(queued
      ? [
          metric('queue_waiting_jobs', 'gauge', "Jobs of the worker's study that wait for a worker.", queued.waiting),
          metric('queue_active_jobs', 'gauge', "Jobs of the worker's study that are at work.", queued.active),
        ]
      : []),
  ].join('')

/** Serves them at `/metrics`, and at `/health` whether the worker lives. "9464" is 127.0.0.1:9464. */
export async function serveMetrics(place: string, link: Link, presence: () => Presence) {
  const at = place.lastIndexOf(':')
  const host = at < 0 ? '127.0.0.1' : place.slice(0, at).replace(/^\[|\]$/g, '')
  const server = createServer((request, response) => {
    void (async () => {
      if (request.method !== 'GET' || !['/metrics', '/health'].includes(request.url ?? '')) return response.writeHead(404).end()
      if (request.url === '/health') return response.writeHead(200).end('ok\n')
      const now = presence()
      const queued =
        now.queue === null || link.redis.status !== 'ready'
          ? undefined
          : await queueLengths(link, now.queue).catch(() => undefined)
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(metricsText(now, queued))
    })()
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(new TinyfrontError('usage', `--metrics ${place}: ${cause.code}`, 'name a port that is free', { cause })),
    )
    server.listen(Number(place.slice(at + 1)), host, resolve)
  })
  return { close: () => server.close() }
}
