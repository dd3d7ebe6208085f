import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { fileBlob } from '../../../src/run/jobs/blobs.ts'
import { jobVersion } from '../../../src/run/jobs/job.ts'
import { type Announcement, protocol, readAnnouncement, refusal } from '../../../src/run/queue/announcement.ts'
import { isAddress } from '../../../src/run/queue/blob-store.ts'
import { datasetBlobs, datasetFrom } from '../../../src/run/queue/dataset-blobs.ts'
import { folderBlobs, withCache } from '../../../src/run/queue/folder-blobs.ts'
import { packed, unpacked } from '../../../src/run/queue/pack.ts'
import { readDelivery, readParcel } from '../../../src/run/queue/parcel.ts'
import { placeOf } from '../../../src/run/queue/place.ts'
import { judge } from '../../../src/run/queue/referee.ts'
import { s3Blobs, signed } from '../../../src/run/queue/s3-blobs.ts'
import { TinyfrontError } from '../../../src/util/errors.ts'
import { setup } from '../jobs/work.ts'

const folder = mkdtempSync(join(tmpdir(), 'tinyfront-queue-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const bytesOf = (...values: number[]) => fileBlob(Uint8Array.from(values))

test('the address of a queue: what is said of it never holds the password, right or wrong', () => {
  expect(placeOf('rediss://ann:p%40ss@host:7000/3')).toEqual({
    host: 'host',
    port: 7000,
    tls: true,
    username: 'ann',
    password: 'p@ss',
    db: 3,
    shown: 'rediss://host:7000',
  })
  expect(placeOf('unix:///run/r.sock')).toMatchObject({ path: '/run/r.sock', shown: 'unix:///run/r.sock' })
  for (const wrong of ['redis//:s3cret@host', 'http://u:s3cret@host', 'redis://u:s3cret@host:1/x', 's3cret', 'unix://'])
    try {
      placeOf(wrong)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(TinyfrontError)
      expect(`${(error as TinyfrontError).message} ${(error as TinyfrontError).remedy}`).not.toContain('s3cret')
    }
})

test('bytes come out of their parts as they went in, and a part that swells is refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), async (bytes) => {
      expect(Buffer.concat(await Promise.all((await packed(bytes)).map(unpacked)))).toEqual(Buffer.from(bytes))
    }),
    { numRuns: 30 },
  )
  const large = new Uint8Array(9 << 20).fill(7)
  const parts = await packed(large)
  expect(parts).toHaveLength(3)
  expect(Buffer.concat(await Promise.all(parts.map(unpacked))).equals(Buffer.from(large))).toBe(true)
  const { deflateRawSync } = await import('node:zlib')
  await expect(unpacked(Buffer.concat([Buffer.of(1), deflateRawSync(large)]))).rejects.toThrow()
})

test('a data set travels as blobs and is the same afterwards', async () => {
  const { manifest, arrays } = datasetBlobs(setup.dataset)
  const all = new Map([manifest, ...arrays].map((b) => [b.address, b.bytes]))
  expect(await datasetFrom(manifest.address, async (a) => all.get(a))).toEqual(setup.dataset)
  all.delete(arrays[0]!.address)
  await expect(datasetFrom(manifest.address, async (a) => all.get(a))).rejects.toThrow('not in the store')
})

describe('blobs in a folder', () => {
  const store = folderBlobs(join(folder, 'store'))
  test('what is damaged is not there; what is no address names no file', async () => {
    const blob = bytesOf(1, 2, 3)
    await store.put(blob.address, blob.bytes)
    expect(Buffer.from((await store.get(blob.address))!)).toEqual(Buffer.from(blob.bytes))
    writeFileSync(join(folder, 'store', blob.address.slice(0, 2), blob.address), 'other')
    expect(await store.get(blob.address)).toBeUndefined()
    await expect(store.get('../../../etc/passwd')).rejects.toThrow('not an address')
    expect(isAddress('../x')).toBe(false)
  })

  test('a cache keeps within its size, the longest unused goes first, and a full disk is only said', async () => {
    const [a, b, c] = [bytesOf(...Array(400).fill(1)), bytesOf(...Array(400).fill(2)), bytesOf(...Array(400).fill(3))]
    for (const blob of [a, b, c]) await store.put(blob.address, blob.bytes)
    const cache = withCache(store, join(folder, 'cache'), 900, () => expect.unreachable())
    for (const { address } of [a, b, a, c]) {
      await cache.get(address)
      await new Promise((resolve) => setTimeout(resolve, 15))
    }
    const kept = folderBlobs(join(folder, 'cache'))
    expect(await kept.missing([a.address, b.address, c.address])).toEqual([b.address])
    expect(await cache.get(b.address)).toBeDefined()
  })
})

test('a request to S3 is signed as in the example of its manual', () => {
  const signer = { id: 'AKIAIOSFODNN7EXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', region: 'us-east-1' }
  const url = new URL('https://examplebucket.s3.amazonaws.com/test.txt')
  const headers = signed(signer, 'GET', url, Buffer.alloc(0), new Date('2013-05-24T00:00:00Z'), { range: 'bytes=0-9' })
  expect(headers.authorization).toContain('f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41')
})

test('blobs in a bucket: put, found, got, damaged, removed', async () => {
  const objects = new Map<string, Buffer>()
  const server = createServer((request, response) => {
    const key = request.url!
    if (!/^AWS4-HMAC-SHA256 Credential=id\//.test(request.headers.authorization ?? '')) return response.writeHead(403).end()
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      if (request.method === 'PUT') objects.set(key, Buffer.concat(chunks))
      if (request.method === 'DELETE') objects.delete(key)
      response
        .writeHead(objects.has(key) || request.method === 'DELETE' ? 200 : 404)
        .end(request.method === 'GET' ? objects.get(key) : '')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const env = {
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'hidden',
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  }
  const store = s3Blobs('s3://bucket/some/folder', env)
  const blob = bytesOf(5, 6, 7)
  expect(await store.missing([blob.address])).toEqual([blob.address])
  await store.put(blob.address, blob.bytes)
  expect([...objects.keys()]).toEqual([`/bucket/some/folder/${blob.address}`])
  expect(await store.missing([blob.address])).toEqual([])
  expect(Buffer.from((await store.get(blob.address))!)).toEqual(Buffer.from(blob.bytes))
  objects.set(`/bucket/some/folder/${blob.address}`, Buffer.from([9, 0, 0, 0, 1]))
  expect(await store.get(blob.address)).toBeUndefined()
  await store.remove([blob.address])
  expect(objects.size).toBe(0)
  server.close()
  await expect(store.get(blob.address)).rejects.toThrow('cannot be reached')
  expect(() => s3Blobs('s3://bucket', {})).toThrow('no keys for s3://bucket')
})

describe('a worker at the door', () => {
  const announcement: Announcement = {
    protocol,
    jobs: jobVersion,
    version: '1.0.0',
    study: 'photos',
    queue: 'photos-1',
    engine: 'wasm',
    fastMath: false,
    kernels: 'k'.repeat(64),
    selfTest: 'bits',
    data: { manifest: 'a'.repeat(64), fingerprint: 'f', seed: '1' },
    blobs: null,
    leaseMs: 30_000,
  }
  const me = { protocol, jobs: jobVersion, version: '1.0.0', kernelsOf: () => 'k'.repeat(64), selfTest: async () => 'bits' }

  test('one that is the same may come in', async () => {
    expect(await refusal(readAnnouncement(JSON.stringify(announcement))!, me)).toBeUndefined()
  })

  test.each<[string, Partial<Announcement>, object, RegExp]>([
    ['another version', { version: '1.0.1' }, {}, /tinyfront 1\.0\.1 \(.+, this worker is 1\.0\.0 /],
    [
      'another protocol',
      { protocol: 99 },
      {},
      /is run by tinyfront 1\.0\.0 \(protocol 99, .+this worker is 1\.0\.0 \(protocol \d, /,
    ],
    ['other jobs', { jobs: jobVersion - 1 }, {}, /, jobs 2\), this worker is 1\.0\.0 \(protocol \d, jobs 3\)/],
    ['other kernels', { kernels: 'x'.repeat(64) }, {}, /other kernels/],
    ['other bits', {}, { selfTest: async () => 'others' }, /other bits/],
    ['blobs that it does not see', { blobs: '/mnt/blobs' }, {}, /keeps its blobs in \/mnt\/blobs/],
  ])('%s is refused in two lines', async (_what, said, mine, why) => {
    const refused = await refusal(readAnnouncement(JSON.stringify({ ...announcement, ...said }))!, { ...me, ...mine })
    expect(refused?.message).toMatch(why)
    expect(refused?.remedy).not.toBe('')
  })

  test('what is no announcement, parcel or delivery is passed over or refused', () => {
    expect(readAnnouncement('{"queue":"../x"}')).toBeUndefined()
    expect(
      readAnnouncement(JSON.stringify({ ...announcement, data: { ...announcement.data, manifest: '../../x' } })),
    ).toBeUndefined()
    expect(() => readParcel({ v: 1, job: { version: jobVersion, kind: 'shell' }, limitMs: 1, notOn: [], audit: false })).toThrow()
    expect(readDelivery('no json')).toBeUndefined()
    expect(
      readDelivery(JSON.stringify({ v: 1, id: 'j', machine: 'm', worker: 'w', audit: false, blobs: ['../x'] })),
    ).toBeUndefined()
  })
})

test('of two machines that disagree, who differs from the referee is accused; what it did before is not trusted either', () => {
  const [first, second] = [
    { digest: 'x', machine: 'one' },
    { digest: 'y', machine: 'two' },
  ]
  const names = (right: string | undefined) => judge({ id: 'j', first, second }, right, new Set()).guilty.map((g) => g.machine)
  expect(names('x')).toEqual(['two'])
  expect(names('y')).toEqual(['one'])
  expect(names('z')).toEqual(['one', 'two'])
  expect(names(undefined)).toEqual(['two'])
  expect(judge({ id: 'j', first, second }, 'x', new Set(['one'])).error.remedy).toContain('tinyfront resume')
  expect(judge({ id: 'j', first, second }, 'x', new Set(['one', 'two'])).error.remedy).toContain('--fresh')
})
