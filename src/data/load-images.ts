import { type Catalogue, catalogue, type Item } from './catalogue.ts'
import { decodeAll, givenOf, groupIds, readLabels } from './collect.ts'
import { type Decoded, sharedBytes } from './decoded.ts'
import type { Placed } from './manifest.ts'
import { BadFile, checkTotal } from './read/limits.ts'
import { imageFiles, type Picture, readPicture } from './read/picture.ts'
import type { FileTree } from './read/tree.ts'
import { resizer } from './resize.ts'

/** Pictures that tell the size and whether there is colour, when nobody has said. */
const probes = 20
const largestOwnSize = 128
const usualSize = 96

/** A folder of pictures, decoded and brought to one size: `[h, w, 3]` or `[h, w, 1]` bytes. */
export async function loadImages(tree: FileTree, placed: Placed): Promise<Decoded> {
  const found = catalogue(tree, placed, imageFiles)
  const { height, width, channels } = await frame(found, placed)
  const { fit } = placed.manifest.image
  const size = height * width * channels
  checkTotal(found.items.length, size, tree.root)
  const samples = sharedBytes(found.items.length * size)
  const shrink = shrinker(height, width, fit)
  const kept: Item[] = []
  const unreadable = await decodeAll(found, tree.root, async (item) => {
    const small = shrink(await readPicture(item.file.read()))
    writeChannels(small, channels, samples, kept.length * size)
    kept.push(item)
  })
  const given = givenOf(kept.map((item) => item.parts[0]!.split))
  const groups = groupIds(kept.map((item) => item.group))
  return {
    name: placed.manifest.name ?? tree.root,
    kind: 'image',
    shape: [height, width, channels],
    ...readLabels(
      kept.map((item) => item.labels ?? ['']),
      placed.manifest.task,
    ),
    samples: samples.subarray(0, kept.length * size),
    ...(groups ? { groups } : {}),
    ...(given ? { given } : {}),
    sources: kept.map((item) => item.file.path),
    frontEnd: {
      kind: 'image',
      height,
      width,
      channels: channels === 3 ? 'rgb' : 'gray',
      range: '0..255',
      resize: 'area average',
      fit,
    },
    unreadable,
    notes: found.notes,
  }
}

/** Size and channels: as asked, else from the first pictures. */
async function frame({ items }: Catalogue, { manifest }: Placed): Promise<{ height: number; width: number; channels: 1 | 3 }> {
  const { size, channels } = manifest.image
  const seen: Picture[] = []
  for (const item of items.slice(0, size !== undefined && channels ? 0 : probes)) {
    try {
      seen.push(await readPicture(item.file.read()))
    } catch (cause) {
      if (!(cause instanceof BadFile)) throw cause
    }
  }
  const first = seen[0]
  const own =
    first !== undefined &&
    Math.max(first.height, first.width) <= largestOwnSize &&
    seen.every((p) => p.height === first.height && p.width === first.width)
  const [height, width] =
    size !== undefined
      ? typeof size === 'number'
        ? [size, size]
        : size
      : own
        ? [first.height, first.width]
        : [usualSize, usualSize]
  const gray = channels ? channels === 'gray' : first !== undefined && seen.every(isGray)
  return { height, width, channels: gray ? 1 : 3 }
}

function isGray({ rgb }: Picture): boolean {
  for (let i = 0; i < rgb.length; i += 3) if (rgb[i] !== rgb[i + 1] || rgb[i] !== rgb[i + 2]) return false
  return true
}

/** Brings a picture to height x width; `crop` takes the largest middle part of that aspect ratio first. */
export function shrinker(height: number, width: number, fit: 'stretch' | 'crop'): (picture: Picture) => Float64Array {
  const bySize = new Map<string, ReturnType<typeof resizer>>()
  const out = new Float64Array(height * width * 3)
  return (picture) => {
    const { height: h, width: w, rgb } = fit === 'crop' ? middle(picture, height / width) : picture
    const key = `${h}x${w}`
    const resize = bySize.get(key) ?? resizer([h, w], [height, width], 3)
    if (bySize.size < 64) bySize.set(key, resize)
    resize(rgb, 0, out)
    return out
  }
}

function middle({ height, width, rgb }: Picture, aspect: number): Picture {
  const h = Math.min(height, Math.max(1, Math.round(width * aspect)))
  const w = Math.min(width, Math.max(1, Math.round(height / aspect)))
  const [top, left] = [(height - h) >> 1, (width - w) >> 1]
  const part = new Uint8Array(h * w * 3)
  for (let y = 0; y < h; y++) {
    const from = ((top + y) * width + left) * 3
    part.set(rgb.subarray(from, from + w * 3), y * w * 3)
  }
  return { height: h, width: w, rgb: part }
}

/** Rounds to bytes; gray by the weights of JPEG (ITU-R BT.601). */
export function writeChannels(rgb: Float64Array, channels: 1 | 3, out: Uint8Array, at: number): void {
  if (channels === 3) for (let i = 0; i < rgb.length; i++) out[at + i] = Math.round(rgb[i]!)
  else
    for (let p = 0; 3 * p < rgb.length; p++)
      out[at + p] = Math.round(0.299 * rgb[3 * p]! + 0.587 * rgb[3 * p + 1]! + 0.114 * rgb[3 * p + 2]!)
}
