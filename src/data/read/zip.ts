import { unzipSync } from 'fflate'
import { BadFile, limits } from './limits.ts'
import type { ArchiveEntry } from './tar.ts'

/** Files of a zip archive in memory. Declared sizes are checked before anything is unpacked, and nothing unpacks beyond what it declared. */
export function readZip(archive: Uint8Array): ArchiveEntry[] {
  let total = 0
  let count = 0
  try {
    const files = unzipSync(archive, {
      filter(file) {
        total += file.originalSize
        if (++count > limits.files) throw new BadFile(`more than ${limits.files} files`)
        if (file.originalSize > limits.fileBytes || total > limits.archiveBytes)
          throw new BadFile(`${file.name} claims ${file.originalSize} bytes: more than is unpacked`)
        // deflate cannot pack better than 1032 to 1, so a higher ratio is forged
        if (file.originalSize > file.size * 1100 + 1000) throw new BadFile(`${file.name} claims an impossible size`)
        return !file.name.endsWith('/')
      },
    })
    return Object.entries(files).map(([path, data]) => ({ path, data }))
  } catch (cause) {
    throw cause instanceof BadFile ? cause : new BadFile(`damaged zip archive (${(cause as Error).message})`)
  }
}
