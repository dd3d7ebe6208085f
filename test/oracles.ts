// Prints which oracles this machine has; tests without theirs skip and say so.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { oraclePython } from './helpers/oracle-python.ts'

const require = createRequire(import.meta.url)
const runs = (program: string, ...args: string[]) => {
  try {
    return execFileSync(program, args, { stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .split('\n')[0]
  } catch {
    return undefined
  }
}
const resolves = (name: string) => {
  try {
    return require.resolve(name)
  } catch {
    return undefined
  }
}
const oracles = {
  'golden vectors of TFLite-Micro and LiteRT (committed)': existsSync(new URL('fixtures/tflm-golden', import.meta.url)),
  "TFLite's reference kernels (ai-edge-litert)": runs(oraclePython, '-c', 'import ai_edge_litert, numpy; print(1)'),
  "Arm's Vela (ethos-u-vela)": runs(oraclePython, '-c', 'import ethosu.vela; print(1)'),
  "TFLite-Micro's interpreter (tflite-micro)": runs(oraclePython, '-c', 'import tflite_micro; print(1)'),
  'ONNX Runtime': runs(oraclePython, '-c', 'import onnx, onnxruntime; print(1)'),
  'LiteRT in Node (@litertjs/core)': resolves('@litertjs/core/package.json'),
  'TensorFlow.js (@tensorflow/tfjs)': resolves('@tensorflow/tfjs'),
  'TensorFlow (tfjs-node)': existsSync(new URL('../node_modules/.tensorflow', import.meta.url)),
  PyTorch: runs('python3', '-c', 'import torch; print(torch.__version__)'),
  'host C compiler': runs('cc', '--version'),
  'Arm cross compiler': runs('arm-none-eabi-gcc', '--version'),
  'QEMU for Cortex-M': runs('qemu-system-arm', '--version'),
  'Chromium (the pages)': existsSync(process.env.CHROMIUM ?? '/usr/bin/chromium'),
  'Redis (redis-server)': runs('redis-server', '--version'),
  'real data and measurements (../shared)': existsSync(new URL('../../shared/data', import.meta.url)),
}
for (const [name, found] of Object.entries(oracles))
  console.log(`oracle ${found ? 'present' : 'ABSENT, its tests skip'}: ${name}`)
