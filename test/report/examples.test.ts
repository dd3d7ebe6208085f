import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { PNG } from 'pngjs'
import { beforeAll, describe, expect, test } from 'vitest'
import { assemble } from '../../src/data/assemble.ts'
import { generateBuiltin } from '../../src/data/builtin/builtins.ts'
import type { Decoded } from '../../src/data/decoded.ts'
import { inspect } from '../../src/data/inspect.ts'
import { groupsOf, someOf } from '../../src/data/view/choose.ts'
import { featuresOf } from '../../src/data/view/features.ts'
import { principalComponents } from '../../src/data/view/principal.ts'
import { neighbourMap } from '../../src/data/view/tsne.ts'
import { renderExamples } from '../../src/report/examples/page.ts'
import { dataAddress, heat } from '../../src/report/examples/raster.ts'
import type { SuspectsOf } from '../../src/report/examples/suspects.ts'
import { rng } from '../../src/util/rng.ts'
import { picturesOf, readMarkup } from '../helpers/markup.ts'

const opened = (decoded: Decoded) => {
  const { dataset, notes } = assemble(decoded, '1')
  return { dataset, decoded, report: inspect(dataset, decoded, notes) }
}
/** The first `count` examples of a built-in set, the first two of them equal. */
function few(spec: string): Decoded {
  const data = generateBuiltin(spec)
  const size = data.samples.length / data.labels.values.length
  data.samples.copyWithin(size, 0, size)
  return data
}
/** Rows of a table whose label is a number. */
function numbers(): Decoded {
  const [count, columns] = [60, 5]
  const random = rng('rows of numbers')
  return {
    name: 'numbers',
    kind: 'series',
    task: 'regression',
    shape: [1, 1, columns],
    classes: [],
    samples: Float32Array.from({ length: count * columns }, () => random.normal()),
    labels: { values: Float32Array.from({ length: count }, () => random.normal()), width: 1 },
    frontEnd: {},
    unreadable: [],
    notes: [],
  }
}

describe('the page of', () => {
  const sets: Record<string, () => Decoded> = {
    pictures: () => few('builtin:shapes?count=120'),
    sounds: () => ({ ...few('builtin:keywords?count=120'), seconds: Float32Array.from({ length: 120 }, (_, i) => 1 + i / 100) }),
    windows: () => few('builtin:gestures?count=120'),
    'a table of numbers': numbers,
  }
  describe.each(Object.entries(sets))('%s', (_, make) => {
    let html = ''
    let tags: ReturnType<typeof readMarkup> = []
    beforeAll(() => {
      html = renderExamples(opened(make()))
      tags = readMarkup(html)
    })

    test('is well-formed, and the same every time', () => {
      for (const svg of picturesOf(html)) expect(readMarkup(svg)[0]!.name).toBe('svg')
      expect(
        html.replace(/<script>[\s\S]*<\/script>|base64,[^"]*/g, '').match(/NaN|Infinity|undefined|\[object|>null/g),
      ).toBeNull()
      expect(renderExamples(opened(make()))).toBe(html)
    })

    test('asks the network for nothing: pictures are in it, and its policy lets nothing else in', () => {
      expect(html.replace(/data:image\/(png|jpeg);base64,[\w+/=]+/g, '')).not.toMatch(/https?:|url\(|@import|data:image/)
      const policy = tags.find((t) => t.attributes['http-equiv'] === 'Content-Security-Policy')!.attributes.content!
      const script = /<script>([\s\S]*?)<\/script>/.exec(html)![1]!
      const hash = createHash('sha256').update(script).digest('base64')
      expect(policy).toBe(
        `default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; script-src &#39;sha256-${hash}&#39;; img-src data:; base-uri &#39;none&#39;; form-action &#39;none&#39;`,
      )
    })

    test('draws every example that it names, and each has a place on the map', () => {
      const drawn = tags.filter((t) => t.attributes.id?.startsWith('ex-')).map((t) => t.attributes.id!.slice(3))
      const onMap = new Set(tags.flatMap((t) => t.attributes['data-id']?.split(':')[1] ?? []))
      expect(drawn.length).toBeGreaterThan(40)
      for (const example of drawn) expect(onMap.has(example)).toBe(true)
    })
  })

  test('many classes and many examples stays small, and says what it left out', () => {
    const data = generateBuiltin('builtin:gestures?count=1000')
    const classes = Array.from({ length: 100 }, (_, k) => `class ${k}`)
    const labels = { values: Float32Array.from({ length: 1000 }, (_, i) => i % 100), width: 1 }
    const html = renderExamples(opened({ ...data, classes, labels }))
    expect(html.length).toBeLessThan(3e6)
    expect(html.includes('40 more classes are not drawn')).toBe(true)
    expect(html.includes('8 of 10, drawn at random once')).toBe(true)
    expect(html.includes('800 of 1000 examples, always the same ones')).toBe(true)
  })
})

describe('names come from whoever made the data', () => {
  const page = (text: string) => {
    const data = few('builtin:shapes?count=80')
    const sources = Array.from({ length: 80 }, () => text)
    const unreadable = [{ file: text, reason: text }]
    const named = { ...data, name: text, classes: data.classes.map(() => text), sources, unreadable, notes: [text] }
    const suspects: SuspectsOf = {
      study: text,
      asked: text,
      listed: [{ example: 3, says: text, likely: { said: 0.9, label: 0.1 } }],
      total: 1,
    }
    return renderExamples({ ...opened(named), suspects })
  }
  const skeleton = (html: string) => readMarkup(html).map((t) => `${t.name} ${Object.keys(t.attributes).join(' ')}`)
  const plain = skeleton(page('a'))
  test.each([
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '</title></style></svg><script>alert(1)</script>',
    '&lt;script&gt; & <b>',
    '\u001b[31m\u202etxt\u0000\ud800',
    'javascript:alert(1)//row 3',
    'a row 7',
  ])('%j stays text', (evil) => {
    expect(skeleton(page(evil))).toEqual(plain)
  })
})

describe('the map', () => {
  /** Three heaps of points in twenty dimensions. */
  const heaps = (seed: number, apart: number) => {
    const random = rng('heaps', seed)
    const values = Float32Array.from(
      { length: 90 * 20 },
      (_, at) => random.normal() + (at % 20 === Math.floor(at / 20) % 3 ? apart : 0),
    )
    return { values, count: 90, size: 20 }
  }
  test('keeps heaps apart that are apart, and neighbours together', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const y = neighbourMap(principalComponents(heaps(seed, 14), 10), 90, 15)
        for (let i = 0; i < 90; i++) {
          const square = (j: number) => (y[2 * i]! - y[2 * j]!) ** 2 + (y[2 * i + 1]! - y[2 * j + 1]!) ** 2
          const others = Array.from({ length: 90 }, (_, j) => j).filter((j) => j !== i)
          const nearest = others.reduce((a, b) => (square(b) < square(a) ? b : a))
          expect(nearest % 3).toBe(i % 3)
        }
      }),
      { numRuns: 5 },
    )
  })

  test('principal components are uncorrelated, in order, and no direction varies more than the first', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const data = heaps(seed, 3)
        const { scores, axes, shares } = principalComponents(data, 5)
        const dot = (a: number, b: number) => {
          let sum = 0
          for (let i = 0; i < data.count; i++) sum += scores[i * axes + a]! * scores[i * axes + b]!
          return sum
        }
        expect(Math.abs(dot(0, 1))).toBeLessThan(0.12 * dot(0, 0))
        expect(shares.reduce((a, b) => a + b, 0)).toBeLessThan(1 + 1e-9)
        const random = rng('direction', seed)
        const direction = Array.from({ length: data.size }, () => random.normal())
        const length = Math.hypot(...direction)
        const along = Array.from({ length: data.count }, (_, i) =>
          direction.reduce((sum, d, k) => sum + (d / length) * data.values[i * data.size + k]!, 0),
        )
        const mean = along.reduce((a, b) => a + b, 0) / data.count
        expect(along.reduce((sum, x) => sum + (x - mean) ** 2, 0)).toBeLessThan(dot(0, 0) * 1.001)
      }),
      { numRuns: 20 },
    )
  })

  test('data that lie on one line have one component', () => {
    const values = Float32Array.from({ length: 40 * 6 }, (_, at) => Math.floor(at / 6) * ((at % 6) + 1))
    expect(principalComponents({ values, count: 40, size: 6 }, 3).shares[0]).toBeCloseTo(1, 6)
  })

  test('when a wave begins does not matter: shifted windows have like features', () => {
    const decoded = generateBuiltin('builtin:gestures?count=80')
    const { dataset } = assemble(decoded, '1')
    const [rows, , channels] = dataset.shape
    const turned = dataset.samples.slice()
    const size = rows * channels
    // a window turned round its end by a few rows has the same spectrum
    for (let k = 0; k < size; k++) turned[size + k] = dataset.samples[(k + 7 * channels) % size]!
    const { values, size: length } = featuresOf({ ...dataset, samples: turned }, [0, 1])
    for (let k = 0; k < length; k++) expect(values[length + k]).toBeCloseTo(values[k]!, 3)
  })

  test('few or equal examples make a map of finite places', () => {
    for (const count of [1, 2, 3, 4, 12]) {
      const components = principalComponents({ values: new Float32Array(count * 3).fill(2), count, size: 3 }, 30)
      expect([...neighbourMap(components, count)].every(Number.isFinite)).toBe(true)
    }
  })
})

test('some examples are the same ones every time, each once, in order', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(), { maxLength: 200 }), fc.nat(50), (items, n) => {
      const sorted = [...items].sort((a, b) => a - b)
      const some = someOf(sorted, n)
      expect(some).toHaveLength(Math.min(n, sorted.length))
      expect(some).toEqual([...new Set(some)].sort((a, b) => a - b))
      expect(sorted).toEqual(expect.arrayContaining([...some]))
      expect(someOf(sorted, n)).toEqual(some)
    }),
  )
})

test('numbers are looked at in five ranges that hold every example once, in order', () => {
  const { dataset } = opened(numbers())
  const groups = groupsOf(dataset)
  expect(groups.map((g) => g.indices.length)).toEqual([12, 12, 12, 12, 12])
  const values = groups.flatMap((g) => g.indices.map((i) => dataset.labels.values[i]!))
  expect(values).toEqual([...values].sort((a, b) => a - b))
})

test('small pictures are in the page bit for bit', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), fc.boolean(), (height, width, gray) => {
      const rgb = Uint8Array.from({ length: height * width * 3 }, (_, i) => ((gray ? Math.floor(i / 3) : i) * 37) & 255)
      const { data } = PNG.sync.read(
        Buffer.from(dataAddress({ height, width, rgb }).replace('data:image/png;base64,', ''), 'base64'),
      )
      expect([...data].filter((_, i) => i % 4 < 3)).toEqual([...rgb])
    }),
  )
})

test('the colours of spectrograms grow lighter from end to end', () => {
  const light = Array.from({ length: 21 }, (_, k) => heat(k / 20)).map(([r, g, b]) => 0.299 * r + 0.587 * g + 0.114 * b)
  expect(light).toEqual([...light].sort((a, b) => a - b))
})
