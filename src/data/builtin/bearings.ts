import { oneEach } from '../../task/labels.ts'
import { cos, exp, sin } from '../../util/math.ts'
import { type Random, rng, seed32 } from '../../util/rng.ts'
import { type Decoded, sharedFloats } from '../decoded.ts'
import { fillNoise } from '../noise.ts'
import { type Builtin, balanced, between } from './plan.ts'

const rate = 4000
const length = 512
const machines = 24
const classes = ['normal', 'inner', 'outer', 'ball', 'cage'] as const
type Fault = (typeof classes)[number]

/**
 * Geometry of a 6205 deep-groove ball bearing: 9 balls of 7.94 mm on a 39.04 mm pitch circle, contact angle 0. Defect frequencies per
 * turn of the shaft (Randall & Antoni 2011): BPFO 3.585, BPFI 5.415, BSF 2.357 (a spall on a ball strikes twice a spin: 4.714), FTF 0.398.
 */
const balls = 9
const ratio = 7.94 / 39.04
export const perTurn = {
  outer: (balls / 2) * (1 - ratio),
  inner: (balls / 2) * (1 + ratio),
  ball: (1 - ratio * ratio) / ratio,
  cage: (1 - ratio) / 2,
} as const

type Machine = {
  turnHz: number
  resonanceHz: number
  damping: number
  unbalance: number
  mesh: number
  noise: number
  gain: number
}

/** Acceleration of a bearing housing, 0.128 s at 4 kHz: `[512, 1, 1]`. Each machine turns at another speed and rings at another frequency. */
export const bearings: Builtin = {
  describe: 'bearing faults from their physics: 5 states of 24 machines, 0.128 s at 4 kHz',
  defaultCount: 2400,
  generate(count, seed) {
    const { labels, groups } = balanced(count, classes.length, machines)
    const fleet = Array.from({ length: machines }, (_, m) => makeMachine(rng(seed, 'bearings', 'machine', m)))
    const samples = sharedFloats(count * length)
    const noise = new Float64Array(length)
    for (let i = 0; i < count; i++) {
      fillNoise(seed32(seed, 'bearings', 'noise', i), noise)
      vibrate(
        classes[labels[i]!]!,
        fleet[groups[i]!]!,
        rng(seed, 'bearings', i),
        noise,
        samples.subarray(i * length, (i + 1) * length),
      )
    }
    return {
      name: 'bearings',
      kind: 'series',
      task: 'classification',
      shape: [length, 1, 1],
      classes,
      samples,
      labels: oneEach(labels),
      groups,
      frontEnd: { kind: 'window', sampleRate: rate, window: length, channels: ['acceleration'] },
      unreadable: [],
      notes: [],
    } satisfies Decoded
  },
}

function makeMachine(r: Random): Machine {
  return {
    turnHz: between(r, 26, 32),
    resonanceHz: between(r, 900, 1500),
    damping: between(r, 0.05, 0.09),
    unbalance: between(r, 0.1, 0.5),
    mesh: between(r, 0.05, 0.3),
    noise: between(r, 0.15, 0.35),
    gain: between(r, 0.6, 1.6),
  }
}

/**
 * Impacts at the defect frequency, each ringing down at the housing's resonance. Their size follows the load: a spot on the inner race passes
 * the load zone once a turn, a ball once a cage turn, a spot on the outer race stands still. Slip jitters the intervals by about 1 %.
 * A cage fault shows as the rattle of all balls (BPFO-like rubbing) swelling once a cage turn.
 */
function vibrate(fault: Fault, m: Machine, r: Random, noise: Float64Array, out: Float32Array): void {
  const turn = (m.turnHz * between(r, 0.98, 1.02)) / rate
  const [phase, meshPhase, load] = [r.next() * 7, r.next() * 7, between(r, 0.7, 1.4)]
  const level = m.noise * between(r, 0.8, 1.4)
  for (let n = 0; n < length; n++)
    out[n] =
      m.unbalance * sin(2 * Math.PI * turn * n + phase) +
      m.mesh * sin(2 * Math.PI * 17 * turn * n + meshPhase) +
      level * noise[n]!
  const spin = r.next() * 2 * Math.PI
  if (fault !== 'normal') {
    const severity = load * between(r, 0.6, 1.5)
    const rubs = fault === 'cage'
    const interval = 1 / (turn * (rubs ? perTurn.cage * balls * 2 : perTurn[fault]))
    for (let at = -interval * r.next() * 4; at < length; at += interval * (1 + (rubs ? 0.35 : 0.01) * r.normal())) {
      const angle = 2 * Math.PI * turn * at
      const zone =
        fault === 'inner'
          ? loadZone(angle + spin)
          : fault === 'ball'
            ? loadZone(angle * perTurn.cage + spin)
            : rubs
              ? 0.9 * (0.5 + 0.5 * cos(angle * perTurn.cage * 2 + spin))
              : 1
      ring(out, at, severity * zone * between(r, 0.85, 1.15), m)
    }
  }
  for (let n = 0; n < length; n++) out[n]! *= m.gain
}

/** Share of the load at an angle from the heaviest point: Stribeck's distribution, softened so that it never quite vanishes. */
const loadZone = (angle: number): number => {
  const c = 0.5 + 0.5 * cos(angle)
  return 0.15 + 0.85 * c * c
}

/** Adds a damped oscillation that starts between two samples. */
function ring(out: Float32Array, at: number, strength: number, m: Machine): void {
  const w = (2 * Math.PI * m.resonanceHz) / rate
  const last = Math.min(length, at + 5 / (w * m.damping))
  for (let n = Math.max(0, Math.ceil(at)); n < last; n++) {
    const t = n - at
    out[n]! += strength * exp(-w * m.damping * t) * sin(w * t)
  }
}
