import type { Decoded } from '../decoded.ts'

/** A procedural data set: examples are made by address (seed, index), so a smaller count is a prefix in every class and group. */
export type Builtin = {
  readonly describe: string
  readonly defaultCount: number
  readonly generate: (count: number, seed: string) => Decoded
}

/** Example i shows class `i mod classes` of group `floor(i / classes) mod groups`: both balanced at any count. */
export const classOf = (example: number, classes: number): number => example % classes
export const groupOf = (example: number, classes: number, groups: number): number => Math.floor(example / classes) % groups

/** Labels and groups for `count` examples. */
export function balanced(count: number, classes: number, groups: number): { labels: Int32Array; groups: Int32Array } {
  return {
    labels: Int32Array.from({ length: count }, (_, i) => classOf(i, classes)),
    groups: Int32Array.from({ length: count }, (_, i) => groupOf(i, classes, groups)),
  }
}

/** Uniform in [low, high). */
export const between = (random: { next(): number }, low: number, high: number): number => low + (high - low) * random.next()
