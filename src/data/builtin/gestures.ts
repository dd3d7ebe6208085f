import { oneEach } from '../../task/labels.ts'
import { cos, exp, sin } from '../../util/math.ts'
import { type Random, rng, seed32 } from '../../util/rng.ts'
import { type Decoded, sharedFloats } from '../decoded.ts'
import { fillNoise } from '../noise.ts'
import { type Builtin, balanced, between } from './plan.ts'

const rate = 50
const length = 128
const subjects = 24
const classes = ['idle', 'walk', 'shake', 'circle-left', 'circle-right', 'eight', 'twist', 'double-tap'] as const
type Gesture = (typeof classes)[number]
const gravity = 9.81

/** A person's way of moving: size and speed of gestures, how the sensor sits on the wrist, how good the sensor is. */
type Subject = { size: number; speed: number; mount: readonly number[]; noise: number; bias: readonly number[] }
/** Position in metres (x right, y up, z towards the body) and wrist angles in radians at a time in seconds. */
type Motion = (t: number, out: Float64Array) => void

/** Hand gestures and gait as an accelerometer (m/s^2) and a gyroscope (rad/s) on the wrist see them: 2.56 s at 50 Hz, `[128, 1, 6]`. */
export const gestures: Builtin = {
  describe: 'synthetic motion: 8 gestures by 24 people, accelerometer and gyroscope, 2.56 s at 50 Hz',
  defaultCount: 2400,
  generate(count, seed) {
    const { labels, groups } = balanced(count, classes.length, subjects)
    const people = Array.from({ length: subjects }, (_, s) => makeSubject(rng(seed, 'gestures', 'subject', s)))
    const samples = sharedFloats(count * length * 6)
    const noise = new Float64Array(length * 6)
    for (let i = 0; i < count; i++) {
      const r = rng(seed, 'gestures', i)
      const person = people[groups[i]!]!
      const motion = motions[classes[labels[i]!]!](r, person)
      fillNoise(seed32(seed, 'gestures', 'noise', i), noise)
      sense(motion, person, r, noise, samples, i * length * 6)
    }
    return {
      name: 'gestures',
      kind: 'series',
      task: 'classification',
      shape: [length, 1, 6],
      classes,
      samples,
      labels: oneEach(labels),
      groups,
      frontEnd: { kind: 'window', sampleRate: rate, window: length, channels: ['ax', 'ay', 'az', 'gx', 'gy', 'gz'] },
      unreadable: [],
      notes: [],
    } satisfies Decoded
  },
}

function makeSubject(r: Random): Subject {
  return {
    size: between(r, 0.6, 1.5),
    speed: between(r, 0.75, 1.3),
    mount: [between(r, -0.7, 0.7), between(r, -0.7, 0.7), between(r, -0.7, 0.7)],
    noise: between(r, 0.1, 0.45),
    bias: Array.from({ length: 6 }, (_, c) => between(r, -1, 1) * (c < 3 ? 0.5 : 0.15)),
  }
}

/** Periodic gestures start at any phase, so no single sample of the window tells the class: only the pattern does. */
const motions: Record<Gesture, (r: Random, s: Subject) => Motion> = {
  idle: (r) => fidget(r, between(r, 0.4, 1.2)),
  walk: (r, s) => {
    const [w, p] = [2 * Math.PI * 1.9 * s.speed * between(r, 0.85, 1.15), r.next() * 7]
    const [up, side, swing] = [0.02 * s.size, 0.015 * s.size, 0.3 * s.size * between(r, 0.6, 1.2)]
    return (t, m) => {
      m[1]! += up * sin(w * t + p)
      m[0]! += side * sin(0.5 * w * t + p)
      m[3]! += swing * sin(0.5 * w * t + p + 0.6)
    }
  },
  shake: (r, s) => {
    const [w, p] = [2 * Math.PI * 3 * s.speed * between(r, 0.8, 1.2), r.next() * 7]
    const [a, tilt] = [0.025 * s.size * between(r, 0.7, 1.3), between(r, -0.5, 0.5)]
    return (t, m) => {
      m[0]! += a * sin(w * t + p)
      m[1]! += a * tilt * sin(w * t + p)
    }
  },
  'circle-left': (r, s) => loop(r, s, 1, 1),
  'circle-right': (r, s) => loop(r, s, -1, 1),
  eight: (r, s) => loop(r, s, r.next() < 0.5 ? 1 : -1, 2),
  twist: (r, s) => {
    const [w, p] = [2 * Math.PI * 1.6 * s.speed * between(r, 0.8, 1.2), r.next() * 7]
    const [a, sway] = [0.35 * s.size * between(r, 0.7, 1.3), 0.03 * s.size]
    return (t, m) => {
      m[5]! += a * sin(w * t + p)
      m[0]! += sway * sin(w * t + p + 1)
    }
  },
  'double-tap': (r, s) => {
    const [first, gap] = [between(r, 0.3, 1.7), between(r, 0.25, 0.45) / s.speed]
    const [depth, width] = [0.02 * s.size * between(r, 0.7, 1.3), between(r, 0.03, 0.05)]
    return (t, m) => {
      for (let k = 0; k < 2; k++) {
        const d = (t - first - k * gap) / width
        m[2]! += depth * exp(-d * d)
      }
    }
  },
}

/** A circle (`sides` = 1) or a figure of eight (2: the height moves twice per turn), turned left (+1) or right (-1). */
function loop(r: Random, s: Subject, direction: number, sides: number): Motion {
  const w = 2 * Math.PI * between(r, 0.85, 1.3) * s.speed
  const [p, a, flat] = [r.next() * 7, 0.07 * s.size * between(r, 0.7, 1.3), between(r, 0.7, 1.2)]
  return (t, m) => {
    m[0]! += a * cos(w * t + p)
    m[1]! += ((direction * a * flat) / (sides * sides)) * sin(sides * (w * t + p))
    m[3]! += 0.15 * direction * sin(w * t + p)
  }
}

/** Aimless movement: two slow sines per axis. Everybody fidgets under every gesture; idle is nothing else. */
function fidget(r: Random, strength: number): Motion {
  const parts = Array.from({ length: 12 }, () => [between(r, 0.8, 9), r.next() * 7, between(r, 0, 0.012)] as const)
  return (t, m) => {
    for (let k = 0; k < 12; k++) {
      const [w, p, a] = parts[k]!
      m[k % 6]! += strength * a * (k % 6 < 3 ? 1 : 8) * sin(w * t + p)
    }
  }
}

/** Accelerations by second differences, turn rates by first differences, gravity, mounting, noise and bias; writes `[length, 6]`. */
function sense(motion: Motion, s: Subject, r: Random, noise: Float64Array, out: Float32Array, offset: number): void {
  const unrest = fidget(r, 0.8)
  const turn = rotation(s.mount.map((angle) => angle + between(r, -0.2, 0.2)))
  const [before, now, after] = [new Float64Array(6), new Float64Array(6), new Float64Array(6)]
  const at = (n: number, m: Float64Array) => {
    m.fill(0)
    motion(n / rate, m)
    unrest(n / rate, m)
  }
  at(-1, before)
  at(0, now)
  const body = new Float64Array(6)
  for (let n = 0; n < length; n++) {
    at(n + 1, after)
    for (let c = 0; c < 3; c++) {
      body[c] = (after[c]! - 2 * now[c]! + before[c]!) * rate * rate
      body[c + 3] = (after[c + 3]! - before[c + 3]!) * 0.5 * rate
    }
    // gravity in the tilting wrist's frame (small angles about x and z)
    body[0]! += gravity * sin(now[5]!)
    body[1]! += gravity * cos(now[5]!) * cos(now[3]!)
    body[2]! += gravity * sin(now[3]!)
    for (let c = 0; c < 6; c++) {
      const [base, row] = [c < 3 ? 0 : 3, (c % 3) * 3]
      const value = turn[row]! * body[base]! + turn[row + 1]! * body[base + 1]! + turn[row + 2]! * body[base + 2]!
      out[offset + n * 6 + c] = value + s.bias[c]! + s.noise * (c < 3 ? 1 : 0.25) * noise[n * 6 + c]!
    }
    before.set(now)
    now.set(after)
  }
}

/** Rotation matrix (row by row) of turns about x, then y, then z. */
function rotation([x, y, z]: readonly number[]): readonly number[] {
  const [a, b, c, d, e, f] = [cos(x!), sin(x!), cos(y!), sin(y!), cos(z!), sin(z!)]
  return [c * e, b * d * e - a * f, a * d * e + b * f, c * f, b * d * f + a * e, a * d * f - b * e, -d, b * c, a * c]
}
