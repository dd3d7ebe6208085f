import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { z } from 'zod'
import { nearestName, TinyfrontError, usageError } from '../util/errors.ts'
import { parseValue, readJson } from '../util/json-file.ts'
import { packageRoot } from '../util/package-root.ts'
import { type AcceleratorFile, acceleratorFileSchema, configurationOf } from './accelerator/schema.ts'
import { featuresOf } from './cores.ts'
import {
  type Coefficients,
  coefficientsSchema,
  type Device,
  type DeviceFile,
  deviceSchema,
  type RuntimeFile,
  runtimeSchema,
  type Target,
} from './schema.ts'
import { assembleTarget } from './target.ts'

/** A board that no file describes: what a device file holds, and a name. */
export type OwnDevice = z.input<typeof deviceSchema> & { readonly id: string }
/** A board as it is asked for. */
export type BoardSpec = string | OwnDevice

const devicesFolder = join(packageRoot, 'devices')
const runtimesFolder = join(devicesFolder, 'runtimes')
const acceleratorsFolder = join(devicesFolder, 'accelerators')

/**
 * The target that a person names: `stm32f746`, `stm32f746:tinyengine`, an alias of a board, or paths of JSON files of one's own
 * (`./my-board.json`, `./my-board.json:./my-runtime.json`). Throws a usage error that names the nearest known name.
 */
export function loadTarget(spec: BoardSpec): Target {
  const { device, id, file } = typeof spec === 'string' ? loadParts(spec) : partsOf(spec)
  return assembleTarget(device, id, file, coefficients())
}

/** The same as it was before any calibration that its device file holds, and the file's contents. */
export function loadUncalibrated(spec: string): { readonly device: Device; readonly target: Target } {
  const { device, id, file } = loadParts(spec)
  const { calibration: _, ...bare } = device
  return { device, target: assembleTarget(bare, id, file, coefficients()) }
}

function partsOf({ id, ...held }: OwnDevice): { device: Device; id: string; file: RuntimeFile } {
  const device = deviceFrom(id, parseValue(held, deviceSchema as z.ZodType<DeviceFile>, `device ${id}`, 'device'))
  return { device, ...loadRuntime(device.defaultRuntime) }
}

function loadParts(spec: string): { device: Device; id: string; file: RuntimeFile } {
  const [deviceName, runtimeName] = splitSpec(spec)
  const device = loadDevice(deviceName)
  return { device, ...loadRuntime(runtimeName ?? device.defaultRuntime) }
}

/** The part of `DEVICE:RUNTIME` that names the device. */
export const deviceOf = (spec: string): string => splitSpec(spec)[0]

/** The device with every bundled runtime that runs on it. */
export function runtimesOn(device: Device): Target[] {
  return listRuntimes().flatMap(({ id, ...file }) => {
    try {
      return [assembleTarget(device, id, file, coefficients())]
    } catch (error) {
      if (error instanceof TinyfrontError) return []
      throw error
    }
  })
}

let read: Coefficients | undefined
const coefficients = (): Coefficients =>
  (read ??= readJson(join(devicesFolder, 'coefficients.json'), coefficientsSchema, 'coefficients'))

/** At the colon between the two, which is not the one after the letter of a drive. */
function splitSpec(spec: string): [device: string, runtime: string | undefined] {
  // makers of accelerators write it the other way round: ethos-u55-128@mps3
  const turned = /^([^@:\\/]+)@([^@:\\/]+)$/.exec(spec)
  if (turned) return [turned[2]!, turned[1]]
  const match = /^((?:[A-Za-z]:[\\/])?[^:]*):(.+)$/.exec(spec)
  return match ? [match[1]!, match[2]!] : [spec, undefined]
}

/** All bundled devices, by id. */
export function listDevices(): Device[] {
  return namesIn(devicesFolder).map((id) => readDevice(id, join(devicesFolder, `${id}.json`)))
}

/** Every listed board with its default runtime. */
export const listTargets = (): Target[] => listDevices().map((d) => loadTarget(d.id))

/** All bundled runtimes, by id. */
export function listRuntimes(): (RuntimeFile & { readonly id: string })[] {
  const plain = namesIn(runtimesFolder).map((id) => ({ ...readRuntime(join(runtimesFolder, `${id}.json`)), id }))
  return [...plain, ...accelerators().map(([id, family]) => ({ ...acceleratedRuntime(id, family), id }))]
}

const readRuntime = (file: string): RuntimeFile => readJson(file, runtimeSchema, 'runtime')

let families: (readonly [id: string, family: AcceleratorFile])[] | undefined
/** Every configuration of every family of accelerators, by its id. */
const accelerators = () =>
  (families ??= namesIn(acceleratorsFolder).flatMap((name) => {
    const family = readJson(join(acceleratorsFolder, `${name}.json`), acceleratorFileSchema, 'accelerator')
    return Object.keys(family.configurations).map((id) => [id, family] as const)
  }))

/** An accelerator as a runtime: the builds of the runtime that runs the rest on the CPU, with the accelerator in each. */
function acceleratedRuntime(id: string, family: AcceleratorFile): RuntimeFile {
  const accelerator = configurationOf(family, id)
  const { version, modelFile, channelBytes, ramFactor, ramBytes, driverBytes, opBytes, sources } = family.runtime
  const host = readRuntime(join(runtimesFolder, `${family.host}.json`))
  const ram = { rule: 'accelerator', factor: ramFactor, extraBytes: ramBytes } as const
  return {
    name: `${accelerator.name} by ${accelerator.compiler}`,
    version,
    modelFile,
    channelBytes,
    variants: host.variants.map(({ vendors: _, int4: __, ...variant }) => ({
      ...variant,
      ram,
      accelerator,
      driverBytes,
      opBytes,
    })),
    sources,
  }
}

export function loadDevice(name: string): Device {
  if (isPath(name)) return readDevice(basename(name, '.json'), name)
  const file = join(devicesFolder, `${name.toLowerCase()}.json`)
  if (namesIn(devicesFolder).includes(name.toLowerCase())) return readDevice(name.toLowerCase(), file)
  const all = listDevices()
  const found = all.find((d) => d.aliases.includes(name.toLowerCase()))
  if (found) return found
  const near = nearestName(
    name,
    all.flatMap((d) => [d.id, ...d.aliases]),
  )
  throw usageError(
    `unknown device "${name}"`,
    near ? `did you mean "${near}"?` : 'see `tinyfront list devices`, or pass the path of a JSON file of your own',
  )
}

function loadRuntime(name: string): { id: string; file: RuntimeFile } {
  const family = accelerators().find(([id]) => id === name)?.[1]
  if (family !== undefined) return { id: name, file: acceleratedRuntime(name, family) }
  const bundled = namesIn(runtimesFolder)
  if (!isPath(name) && !bundled.includes(name)) {
    const known = [...bundled, ...accelerators().map(([id]) => id)]
    const near = nearestName(name, known)
    throw usageError(`unknown runtime "${name}"`, near ? `did you mean "${near}"?` : `one of ${known.join(', ')}`)
  }
  const path = isPath(name) ? name : join(runtimesFolder, `${name}.json`)
  return { id: basename(name, '.json'), file: readRuntime(path) }
}

const isPath = (name: string): boolean => name.endsWith('.json') || name.includes('/') || name.includes('\\')

/** Keys in the order of the schema: a study stores the device as it is here. */
const readDevice = (id: string, file: string): Device => deviceFrom(id, readJson(file, deviceSchema, 'device'))

function deviceFrom(id: string, read: DeviceFile): Device {
  const { features, assumed } = featuresOf(read.core, read.features)
  const unsaid = read.features === undefined || assumed.length > 0
  return { ...read, features, id, ...(unsaid ? { assumedFeatures: assumed } : {}) }
}

/** Names of the JSON files of a folder that describe something (schemas and coefficients do not). */
function namesIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((f) => f.endsWith('.json') && !f.endsWith('.schema.json') && f !== 'coefficients.json')
    .map((f) => basename(f, '.json'))
    .sort()
}
