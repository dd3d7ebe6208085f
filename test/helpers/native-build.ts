import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadNative, nativeFile } from '../../src/util/native.ts'

export const nativeIsBuilt = loadNative('float') !== undefined
/** For the name of a test that cannot run: it says why. */
export const unlessBuilt = nativeIsBuilt ? '' : ' (skipped: no C compiler built the native kernels)'

const script = fileURLToPath(new URL('../../native/build.mjs', import.meta.url))

/** Builds the kernels into a folder of their own; `file` is there if the build came to one. */
export function buildNative(env: NodeJS.ProcessEnv): { readonly file: string; readonly said: string } {
  const folder = mkdtempSync(join(tmpdir(), 'tinyfront-native-'))
  const said = execFileSync(process.execPath, [script, folder], { env, encoding: 'utf8' })
  return { file: join(folder, basename(nativeFile)), said }
}

/** A compiler that does what the machine's own does with further flags. */
export function compilerWith(flags: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'tinyfront-cc-')), 'cc')
  writeFileSync(path, `#!/bin/sh\nexec ${process.env.CC ?? 'cc'} "$@" ${flags}\n`, { mode: 0o755 })
  return path
}
