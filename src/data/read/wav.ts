import { BadFile } from './limits.ts'
import type { Sound } from './sound.ts'

const pcm = 1
const float = 3
const extensible = 0xfffe

/**
 * RIFF WAVE: PCM of 8, 16, 24 or 32 bits and IEEE float of 32 or 64, any number of channels (averaged), scaled to [-1, 1).
 * A data chunk that claims more than the file holds is read as far as it goes (recorders that lost power write such files).
 * @throws BadFile for anything else.
 */
export function readWav(bytes: Uint8Array): Sound {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const tag = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4))
  if (bytes.length < 44 || tag(0) !== 'RIFF' || tag(8) !== 'WAVE') throw new BadFile('not a RIFF WAVE file')
  let format: { code: number; channels: number; sampleRate: number; bits: number } | undefined
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = view.getUint32(at + 4, true)
    if (tag(at) === 'fmt ' && size >= 16 && at + 24 <= bytes.length) {
      const code = view.getUint16(at + 8, true)
      format = {
        code: code === extensible && size >= 26 && at + 34 <= bytes.length ? view.getUint16(at + 32, true) : code,
        channels: view.getUint16(at + 10, true),
        sampleRate: view.getUint32(at + 12, true),
        bits: view.getUint16(at + 22, true),
      }
    } else if (tag(at) === 'data') {
      if (!format) throw new BadFile('WAV data before its format')
      return { sampleRate: format.sampleRate, samples: decode(view, at + 8, Math.min(size, bytes.length - at - 8), format) }
    }
    at += 8 + size + (size & 1)
  }
  throw new BadFile('WAV without a data chunk')
}

function decode(
  view: DataView,
  from: number,
  length: number,
  { code, channels, bits, sampleRate }: { code: number; channels: number; bits: number; sampleRate: number },
): Float32Array {
  const read = reader(view, code, bits)
  if (channels < 1 || channels > 64) throw new BadFile(`WAV with ${channels} channels`)
  if (sampleRate < 100 || sampleRate > 1_000_000) throw new BadFile(`WAV at ${sampleRate} Hz`)
  const step = bits / 8
  const out = new Float32Array(Math.floor(length / (step * channels)))
  for (let n = 0; n < out.length; n++) {
    let sum = 0
    for (let c = 0; c < channels; c++) sum += read(from + (n * channels + c) * step)
    out[n] = sum / channels
  }
  return out
}

function reader(view: DataView, code: number, bits: number): (at: number) => number {
  if (code === pcm && bits === 8) return (at) => (view.getUint8(at) - 128) / 128
  if (code === pcm && bits === 16) return (at) => view.getInt16(at, true) / 32768
  if (code === pcm && bits === 24) return (at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 65536) / 8388608
  if (code === pcm && bits === 32) return (at) => view.getInt32(at, true) / 2147483648
  if (code === float && bits === 32) return (at) => finite(view.getFloat32(at, true))
  if (code === float && bits === 64) return (at) => finite(view.getFloat64(at, true))
  throw new BadFile(`WAV format ${code} with ${bits} bits: PCM 8/16/24/32 and float 32/64 are read`)
}

const finite = (x: number): number => (Number.isFinite(x) ? x : 0)
