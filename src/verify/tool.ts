import { execFile } from 'node:child_process'

export type ToolRun = {
  /** null after a signal */
  readonly code: number | null
  readonly signal: string | null
  readonly timedOut: boolean
  /** the program is not installed */
  readonly missing: boolean
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program without a shell, with empty input, and kills it after `seconds`. Never rejects. */
export function runTool(program: string, args: readonly string[], cwd: string, seconds: number): Promise<ToolRun> {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      args,
      { cwd, timeout: seconds * 1000, killSignal: 'SIGKILL', maxBuffer: 1 << 26, encoding: 'utf8' },
      (error, stdout, stderr) => {
        const failure = error as (Error & { code?: number | string; signal?: string; killed?: boolean }) | null
        resolve({
          code: failure === null ? 0 : typeof failure.code === 'number' ? failure.code : null,
          signal: failure?.signal ?? null,
          timedOut: failure?.killed === true,
          missing: failure?.code === 'ENOENT',
          stdout,
          stderr,
        })
      },
    )
    child.stdin?.on('error', () => {}) // the program may leave without reading
    child.stdin?.end()
  })
}
