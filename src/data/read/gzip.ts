import { gunzipSync } from 'node:zlib'
import { BadFile } from './limits.ts'

/** Unpacks gzip, never beyond `maxBytes`. @throws BadFile for truncated, damaged or oversized data. */
export function gunzip(data: Uint8Array, maxBytes: number): Uint8Array {
  try {
    return gunzipSync(data, { maxOutputLength: maxBytes })
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    if (code === 'ERR_BUFFER_TOO_LARGE') throw new BadFile(`unpacks to more than ${maxBytes} bytes`)
    throw new BadFile(code === 'Z_BUF_ERROR' ? 'gzip data ends too early' : `damaged gzip data (${(cause as Error).message})`)
  }
}

export const isGzip = (data: Uint8Array): boolean => data[0] === 0x1f && data[1] === 0x8b
