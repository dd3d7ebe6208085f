import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CFiles, generateC } from '../../src/export/c/generate.ts'
import type { QuantizedModel } from '../../src/quant/model.ts'

export const hasHostCompiler = spawnSync('cc', ['--version']).status === 0

/** Flags under which the generated C must compile without a word. */
export const strictFlags = ['-std=c99', '-O2', '-Wall', '-Wextra', '-Wpedantic', '-Werror', '-ffreestanding']

export type HostRun = {
  /** checksums[n][i]: tensor behind operator i of model n */
  readonly checksums: readonly (readonly number[])[]
  readonly outputs: readonly Int8Array[]
  /** what the objects ask of the linker */
  readonly undefinedSymbols: readonly string[]
}

/** Compiles the C of all models into one program and runs it on one input each. */
export function runOnHost(
  models: readonly QuantizedModel[],
  inputs: readonly Int8Array[],
  flags: readonly string[] = [],
): HostRun {
  const folder = mkdtempSync(join(tmpdir(), 'tinyfront-c-'))
  try {
    const files: CFiles[] = models.map((model, n) => generateC(model, `net${n}`))
    const objects: string[] = []
    for (const file of files) {
      writeFileSync(join(folder, file.headerName), file.header)
      writeFileSync(join(folder, file.sourceName), file.source)
      const object = file.sourceName.replace('.c', '.o')
      const upper = file.sourceName.replace('_model.c', '').toUpperCase()
      execFileSync('cc', [...strictFlags, ...flags, `-D${upper}_ON_LAYER=on_layer`, '-c', file.sourceName, '-o', object], {
        cwd: folder,
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      objects.push(object)
    }
    const symbols = execFileSync('nm', ['-u', '--format=posix', ...objects], { cwd: folder, encoding: 'utf8' })
    writeFileSync(join(folder, 'main.c'), mainText(files, inputs))
    execFileSync('cc', ['-std=c99', '-O1', 'main.c', ...objects, '-o', 'main'], { cwd: folder })
    const lines = execFileSync(join(folder, 'main'), { encoding: 'utf8', maxBuffer: 1 << 28 })
      .trim()
      .split('\n')
    const checksums: number[][] = models.map(() => [])
    const outputs: Int8Array[] = []
    for (const line of lines) {
      const [what, n, ...rest] = line.split(' ')
      if (what === 'L') checksums[Number(n)]!.push(Number(rest[1]))
      else outputs[Number(n)] = Int8Array.from(rest, Number)
    }
    const undefinedSymbols = [...symbols.matchAll(/^(\S+) U/gm)].map((m) => m[1]!).filter((s) => s !== 'on_layer')
    return { checksums, outputs, undefinedSymbols }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function mainText(files: readonly CFiles[], inputs: readonly Int8Array[]): string {
  return `#include <stdio.h>
#include <stdint.h>
${files.map((f) => `#include "${f.headerName}"`).join('\n')}
static int net;
void on_layer(int op, const int8_t *data, int32_t bytes) {
  uint32_t hash = 2166136261u;
  for (int32_t i = 0; i < bytes; i++) hash = (hash ^ (uint8_t)data[i]) * 16777619u;
  printf("L %d %d %u\\n", net, op, hash);
}
int main(void) {
  static int8_t y[1 << 20];
${files
  .map(
    (_, n) => `  { static const int8_t x[] = {${inputs[n]!.join(',')}};
    net = ${n};
    if (net${n}_invoke(x, y)) return 1;
    printf("O ${n}");
    for (int i = 0; i < NET${n}_OUTPUT_BYTES; i++) printf(" %d", y[i]);
    puts(""); }`,
  )
  .join('\n')}
  return 0;
}
`
}
