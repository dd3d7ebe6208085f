import type { Trial } from '../../src/search/trial.ts'
import type { StudyHeader } from '../../src/store/study-header.ts'

export const header = (name: string, change: Partial<StudyHeader> = {}): StudyHeader => ({
  schemaVersion: 1,
  name,
  createdBy: 'tinyfront 0.1.0',
  createdAt: '2025-01-01T00:00:00.000Z',
  config: { seed: '42', lag: 8, trials: 60, objectives: ['error', 'ram'] },
  space: { name: 'mcunet', stages: [] },
  targets: [
    {
      target: { id: 'nrf52840', ram: 1 },
      spec: { id: 'nrf52840', budget: { ramBytes: 64000, flashBytes: 256000 }, reference: [0.9, 64000] },
    },
  ],
  data: { name: 'digits', fingerprint: 'abc' },
  recipe: 'r1',
  teacherHash: null,
  wasmHash: 'def',
  portable: true,
  ...change,
})

export const trial = (n: number): Trial => ({
  n,
  genome: [1, 2, 3],
  text: 'w=0.5 s1=d2',
  state: 'trained',
  parents: [],
  rung: 0,
  recipe: 'r1',
  graphHash: `hash${n}`,
  macs: 1000 + n,
  params: 100,
  costs: {
    nrf52840: {
      latencyMs: 1.5,
      latencyLowMs: 1,
      latencyHighMs: 2,
      ramBytes: 1000,
      flashBytes: 2000,
      energyUj: null,
      calibrated: true,
      violation: 0,
    },
  },
  score: 0.1 + n / 1e5,
  steps: [{ step: 'int8', score: 0.5, bytes: 100, macs: 1000, milliseconds: 12.5 }],
  weights: null,
})
