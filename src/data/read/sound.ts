import { type Kind, readByMark } from './by-mark.ts'
import { BadFile, limits } from './limits.ts'
import { optional } from './optional.ts'
import { readWav } from './wav.ts'

/** One channel, scaled to [-1, 1). */
export type Sound = { readonly sampleRate: number; readonly samples: Float32Array }

export const soundFiles = /\.(wav|flac|ogg|oga|mp3)$/i

/** What the decoders in WebAssembly return. */
type Channels = {
  readonly channelData: readonly Float32Array[]
  readonly sampleRate: number
  readonly errors: readonly unknown[]
}

/** Kinds by their first bytes. */
const kinds: readonly Kind<Sound>[] = [
  { name: 'WAV', mark: /^RIFF/, read: readWav },
  { name: 'FLAC', mark: /^fLaC/, read: readFlac },
  { name: 'Ogg', mark: /^OggS/, read: readOgg },
  // with or without a tag in front
  { name: 'MP3', mark: /^(ID3|\xff[\xe0-\xff])/, read: readMp3 },
]

/** Decodes a sound by content. @throws BadFile; TinyfrontError where a decoder is not installed */
export const readSoundFile = (bytes: Uint8Array): Promise<Sound> => readByMark(bytes, kinds)

async function readFlac(bytes: Uint8Array): Promise<Sound> {
  const { FLACDecoder } = await optional('FLAC', '@wasm-audio-decoders/flac', () => import('@wasm-audio-decoders/flac'))
  return decodeWith(new FLACDecoder(), async (decoder) => {
    const { channelData, bitDepth, ...rest } = await decoder.decodeFile(bytes)
    return { ...rest, channelData: channelData.map((samples) => asWav(samples, bitDepth)) }
  })
}

/** The decoder divides integers by the largest one, WAV by one more: with this the same recording has the same bits in both. */
function asWav(samples: Float32Array, bits: number): Float32Array {
  const whole = 2 * (1 << (bits - 2))
  return samples.map((x) => Math.round(x * (whole - 1)) / whole)
}

async function readOgg(bytes: Uint8Array): Promise<Sound> {
  const head = String.fromCharCode(...bytes.subarray(0, 64))
  if (head.includes('OpusHead')) throw new BadFile('Ogg Opus: convert it to FLAC, WAV or Vorbis')
  if (head.includes('FLAC')) return readFlac(bytes)
  const name = '@wasm-audio-decoders/ogg-vorbis'
  const { OggVorbisDecoder } = await optional('Ogg Vorbis', name, () => import('@wasm-audio-decoders/ogg-vorbis'))
  return decodeWith(new OggVorbisDecoder(), (decoder) => decoder.decodeFile(bytes))
}

async function readMp3(bytes: Uint8Array): Promise<Sound> {
  const { MPEGDecoder } = await optional('MP3', 'mpg123-decoder', () => import('mpg123-decoder'))
  return decodeWith(new MPEGDecoder(), (decoder) => decoder.decode(bytes))
}

/** A decoder keeps memory of its own: it is given back whatever happens. */
async function decodeWith<T extends { readonly ready: Promise<void>; free(): void }>(
  decoder: T,
  decode: (decoder: T) => Channels | Promise<Channels>,
): Promise<Sound> {
  await decoder.ready
  try {
    return averaged(await decode(decoder))
  } finally {
    decoder.free()
  }
}

/** The mean of the channels, as for WAV. */
function averaged({ channelData, sampleRate, errors }: Channels): Sound {
  const first = channelData[0]
  if (!first || first.length === 0)
    throw new BadFile(`nothing could be decoded${errors.length > 0 ? ': the file is damaged' : ''}`)
  if (!(sampleRate >= 100 && sampleRate <= 1_000_000)) throw new BadFile(`a sound at ${sampleRate} Hz`)
  if (first.length * 4 > limits.fileBytes) throw new BadFile(`more than ${limits.fileBytes} bytes of samples`)
  const samples = new Float32Array(first.length)
  for (let n = 0; n < samples.length; n++) {
    let sum = 0
    for (const channel of channelData) sum += channel[n] ?? 0
    samples[n] = sum / channelData.length
  }
  return { sampleRate, samples }
}
