import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { listDevices, loadTarget } from '../../src/device/load.ts'
import { deviceFileSchemas } from '../../src/device/schema.ts'
import { TinyfrontError } from '../../src/util/errors.ts'
import { packageRoot } from '../../src/util/package-root.ts'

const folder = join(packageRoot, 'devices')

function errorOf(spec: string): { message: string; remedy: string } {
  try {
    loadTarget(spec)
  } catch (error) {
    expect(error).toBeInstanceOf(TinyfrontError)
    return error as TinyfrontError
  }
  throw new Error(`${spec} was loaded`)
}

describe('bundled devices', () => {
  const devices = listDevices()

  it('are many, unique by id and alias', () => {
    expect(devices.length).toBeGreaterThanOrEqual(30)
    const names = devices.flatMap((d) => [d.id, ...d.aliases])
    expect(new Set(names).size).toBe(names.length)
  })

  it.each(devices.map((d) => [d.id, d] as const))(
    '%s: runs its default runtime, reserves less than it has, names its sources',
    (id, device) => {
      const target = loadTarget(id)
      expect(target.id).toBe(id)
      expect(target.runtime.id).toBe(device.defaultRuntime)
      expect(device.reserveRamBytes).toBeLessThan(device.ramBytes)
      expect(device.reserveFlashBytes).toBeLessThan(device.flashBytes)
      for (const key of ['clockMhz', 'ramBytes', 'flashBytes', 'core']) expect(device.sources[key]).toBeTruthy()
      if (device.activePowerMw !== null) expect(device.sources.activePowerMw).toBeTruthy()
      if (device.caches !== undefined) expect(device.sources.caches).toBeTruthy()
    },
  )

  it('an arena of ramBytes lies in one piece of the RAM that is listed, region by region', () => {
    const listed = devices.flatMap((d) => (d.ramRegions ? [{ ...d, ramRegions: d.ramRegions }] : []))
    expect(listed.length).toBeGreaterThan(25)
    for (const { id, ramBytes, ramRegions } of listed) {
      const sorted = ramRegions.map((r) => ({ start: Number(r.start), bytes: r.bytes })).sort((a, b) => a.start - b.start)
      let end = -1
      let block = 0
      let largest = 0
      for (const { start, bytes } of sorted) {
        expect(start, id).toBeGreaterThanOrEqual(end)
        block = start === end ? block + bytes : bytes
        end = start + bytes
        largest = Math.max(largest, block)
      }
      expect(ramBytes, id).toBeLessThanOrEqual(largest)
      expect(ramBytes, id).toBeGreaterThan(0.98 * largest)
    }
  })

  it('say where core, RAM, flash and clock come from: a document for each; for caches two of three, "unverified" for the others', () => {
    for (const { id, sources } of devices)
      for (const key of ['core', 'ramBytes', 'flashBytes', 'clockMhz'])
        expect(sources[key], `${id} ${key}`).not.toMatch(/unverified/)
    const caches = devices.flatMap(({ sources }) => sources.caches ?? [])
    expect(caches.filter((source) => source.includes('unverified')).length / caches.length).toBeLessThan(0.35)
  })

  it('lie beside JSON schemas that are up to date (npx tsx bench/device-schemas.ts)', () => {
    for (const [name, schema] of Object.entries(deviceFileSchemas()))
      expect(JSON.parse(readFileSync(join(folder, name), 'utf8'))).toEqual(JSON.parse(JSON.stringify(schema)))
  })
})

describe('loadTarget', () => {
  it('takes a device, a device with a runtime, and an alias', () => {
    expect(loadTarget('stm32f746').runtime.id).toBe('tflm-cmsis-nn')
    expect(loadTarget('stm32f746:tinyengine').id).toBe('stm32f746:tinyengine')
    expect(loadTarget('spresense').device.id).toBe('cxd5602')
    expect(loadTarget('STM32F746').device.id).toBe('stm32f746')
  })

  it('picks kernels by the features of the core', () => {
    const kernels = (spec: string): unknown => {
      const { ram } = loadTarget(spec).runtime
      return ram.rule === 'tflm' ? ram.kernels : ram.rule
    }
    expect(kernels('rp2040')).toBe('cmsis-nn')
    expect(kernels('stm32f446')).toBe('cmsis-nn-dsp')
    expect(kernels('apollo510')).toBe('cmsis-nn-mve')
    expect(kernels('esp32')).toBe('reference')
  })

  it('says whether measurements stand behind the latency', () => {
    expect(loadTarget('stm32l4r5').latency).toMatchObject({ calibrated: true, rows: 17 })
    const guess = loadTarget('stm32f401').latency
    expect(guess).toMatchObject({ calibrated: false, rows: 0 })
    expect(guess.high / guess.low).toBeGreaterThan(loadTarget('stm32l4r5').latency.high / loadTarget('stm32l4r5').latency.low)
  })

  it('names the nearest device or runtime', () => {
    expect(errorOf('stm32f7466').remedy).toContain('stm32f746')
    expect(errorOf('stm32f746:tinyengin').remedy).toContain('tinyengine')
    expect(errorOf('esp32:tflm-cmsis-nn').message).toContain('does not run on ESP32')
    expect(errorOf('nrf52840:x-cube-ai').message).toContain('does not run on nRF52840')
  })

  it('reads files of the user, and names file, key and remedy where they are wrong', () => {
    const own = mkdtempSync(join(tmpdir(), 'tinyfront-'))
    const device = JSON.parse(readFileSync(join(folder, 'stm32f746.json'), 'utf8'))
    const write = (name: string, value: unknown): string => {
      writeFileSync(join(own, name), JSON.stringify(value))
      return join(own, name)
    }
    const board = write('my-board.json', { ...device, ramBytes: 65536 })
    expect(loadTarget(board).device).toMatchObject({ id: 'my-board', ramBytes: 65536 })
    const runtime = join(folder, 'runtimes/tinyfront-c.json')
    expect(loadTarget(`${board}:${runtime}`).runtime.id).toBe('tinyfront-c')

    const wrong = errorOf(write('wrong.json', { ...device, ramBytes: '320k' }))
    expect(wrong.message).toContain('wrong.json: ramBytes')
    const { clockMhz, ...rest } = device
    const typo = errorOf(write('typo.json', { ...rest, clockMHz: clockMhz, clockMhz }))
    expect(typo.message).toContain('unknown key clockMHz')
    expect(typo.remedy).toContain('clockMhz')
    expect(errorOf(join(own, 'absent.json')).message).toContain('absent.json')
  })
})
