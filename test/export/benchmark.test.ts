import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { microBenchmarks } from '../../src/device/benchmarks.ts'
import { groupMs } from '../../src/device/calibrate.ts'
import { loadTarget } from '../../src/device/load.ts'
import { price } from '../../src/device/predict.ts'
import { termGroups } from '../../src/device/terms.ts'
import { benchmarkFiles, withRandomWeights } from '../../src/export/bundle/benchmark.ts'
import { goldenVector } from '../../src/export/sample.ts'
import { readTflite } from '../../src/export/tflite-read.ts'

// compilers are slow on a busy machine
vi.setConfig({ testTimeout: 120_000 })

const files = benchmarkFiles(microBenchmarks)

it('writes each network so that it is read back, and it computes something', () => {
  for (const { name, graph } of microBenchmarks) {
    const file = files.find((f) => f.path === `${name}/${name}.tflite`)!
    expect(readTflite(file.data as Uint8Array).model.graph).toEqual(graph)
    const { output } = goldenVector(withRandomWeights(graph, name))
    expect(new Set(output).size).toBeGreaterThan(1)
  }
})

it('every group of terms dominates one of them, and all of them fit small boards', () => {
  const target = loadTarget('stm32f446')
  for (const [g, group] of termGroups.entries()) {
    const share = (graph: (typeof microBenchmarks)[number]['graph']): number => {
      const x = groupMs(graph, target)
      return x[g]! / x.reduce((a, b) => a + b, 0)
    }
    // weights are streamed beside the products of a dense layer, never alone
    expect(Math.max(...microBenchmarks.map((b) => share(b.graph))), group).toBeGreaterThan(group === 'flash' ? 0.15 : 0.5)
  }
  const small = loadTarget('stm32f446:tinyfront-c')
  for (const { graph } of microBenchmarks) {
    expect(price(graph, small).ramBytes).toBeLessThanOrEqual(16_384)
    expect(price(graph, small).flashBytes).toBeLessThan(45_000)
  }
})

it.skipIf(spawnSync('g++', ['--version']).status !== 0)(
  'the sketch prints a row of the table (with a stand-in for Arduino)',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'tinyfront-sketch-'))
    try {
      for (const { path, data } of files.filter((f) => f.path.startsWith('thin/'))) {
        mkdirSync(dirname(join(folder, path)), { recursive: true })
        writeFileSync(join(folder, path), data)
      }
      writeFileSync(join(folder, 'arduino.h'), arduino)
      const at = { cwd: folder, encoding: 'utf8' } as const
      execFileSync('cc', ['-std=c99', '-O2', '-c', 'thin/tinyfront_model.c', '-o', 'model.o'], at)
      execFileSync(
        'g++',
        ['-O1', '-include', 'arduino.h', '-x', 'c++', 'thin/thin.ino', '-x', 'none', 'model.o', '-o', 'sketch'],
        at,
      )
      const row = execFileSync(join(folder, 'sketch'), at).trim()
      expect(row).toMatch(/^thin\/thin\.tflite,\d+\.\d{4}$/)
      expect(Number(row.split(',')[1])).toBeGreaterThan(0)
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)

const arduino = `#include <chrono>
#include <cstdio>
static unsigned long micros() {
  using namespace std::chrono;
  return (unsigned long)duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
}
static unsigned long millis() { return micros() / 1000; }
static void delay(unsigned long) {}
static struct {
  void begin(long) {}
  operator bool() const { return true; }
  void print(const char *s) { fputs(s, stdout); }
  void println(const char *s) { puts(s); }
  void println(double x, int digits) { printf("%.*f\\n", digits, x); }
} Serial;
void setup();
void loop();
int main() { setup(); loop(); }
`
