import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
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
import { withRecent } from '../../../src/run/queue/recent-blobs.ts'
import { judge } from '../../../src/run/queue/referee.ts'
import { s3Blobs, signed } from '../../../src/run/queue/s3-blobs.ts'
import { TinyfrontError } from '../../../src/util/errors.ts'
import { sha256 } from '../../../src/util/hash.ts'
import { startBucket } from '../../helpers/bucket.ts'
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

describe('blobs in a bucket', () => {
  const blob = bytesOf(5, 6, 7)
  const key = `/bucket/some%20folder/${blob.address}`

  test('put, found, got, damaged, removed, every request signed', async () => {
    const bucket = await startBucket()
    const store = s3Blobs('s3://bucket/some folder/', bucket.env)
    expect(await store.missing([blob.address])).toEqual([blob.address])
    await store.put(blob.address, blob.bytes)
    expect([...bucket.objects.keys()]).toEqual([key])
    expect(await store.missing([blob.address])).toEqual([])
    expect(Buffer.from((await store.get(blob.address))!)).toEqual(Buffer.from(blob.bytes))
    bucket.objects.set(key, Buffer.from([9, 0, 0, 0, 1]))
    expect(await store.get(blob.address)).toBeUndefined()
    await store.remove([blob.address])
    expect(bucket.objects.size).toBe(0)
    await expect(store.get('../../secret')).rejects.toThrow('not an address')
    // the other side really looks: another secret, another bucket
    const other = s3Blobs('s3://bucket', { ...bucket.env, AWS_SECRET_ACCESS_KEY: 'guessed' })
    await expect(other.put(blob.address, blob.bytes)).rejects.toThrow('s3://bucket: PUT was answered 403')
    const nowhere = s3Blobs('s3://nowhere', bucket.env)
    await expect(nowhere.put(blob.address, blob.bytes)).rejects.toThrow('s3://nowhere: PUT was answered 404')
    expect(await nowhere.get(blob.address)).toBeUndefined()
    bucket.close()
  })

  test('a clock that is an hour behind, and a server that is away for a while, are no fault', async () => {
    const bucket = await startBucket({ aheadMs: 3_600_000 })
    const store = s3Blobs('s3://bucket/some folder', bucket.env)
    await store.put(blob.address, blob.bytes)
    bucket.refuseNext(2, 503)
    expect(await store.missing([blob.address])).toEqual([])
    bucket.refuseNext(1, 403)
    await expect(store.missing([blob.address])).rejects.toThrow('HEAD was answered 403')
    bucket.close()
  })

  test('without keys, or with keys in the address, two lines that do not hold them', () => {
    expect(() => s3Blobs('s3://bucket', {})).toThrow('no keys for s3://bucket')
    expect(() => s3Blobs('s3://id:s3cret@bucket', {})).toThrow(/^the address of the bucket holds keys$/)
  })
})

test('what a machine had in hand lately is not fetched again; it hands out copies and keeps within its size', async () => {
  const [a, b, c] = [bytesOf(...Array(40).fill(1)), bytesOf(...Array(40).fill(2)), bytesOf(...Array(40).fill(3))]
  const fetched: string[] = []
  const below = folderBlobs(join(folder, 'below'))
  const get = (address: string) => {
    fetched.push(address)
    return below.get(address)
  }
  const store = withRecent({ ...below, get }, 90)
  await store.put(a.address, a.bytes)
  ;(await store.get(a.address))!.fill(9)
  expect(Buffer.from((await store.get(a.address))!)).toEqual(Buffer.from(a.bytes))
  expect(fetched).toEqual([])
  for (const blob of [b, c]) await below.put(blob.address, blob.bytes)
  for (const { address } of [b, a, c, a, b]) await store.get(address)
  expect(fetched).toEqual([b, c, b].map((blob) => blob.address))
  expect(await store.get(sha256(Uint8Array.of(0)))).toBeUndefined()
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
    ['other jobs', { jobs: jobVersion - 1 }, {}, /, jobs 3\), this worker is 1\.0\.0 \(protocol \d, jobs 4\)/],
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
