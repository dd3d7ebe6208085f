import { regression } from './regression.ts'
import type { Task } from './task.ts'

/**
 * Values of sensors some steps ahead. The network answers with changes: what the target will be less what it is in the last row of the window. So the answer
 * that looks at no input, no change, is persistence, and int8 spends its 256 steps on the changes alone.
 */
export const forecast = {
  ...regression,
  about: 'values some rows ahead of a window, chosen by "forecast"; the network answers with the change from the last row',
  trivialAnswer: ({ width }) => new Array<number>(width).fill(0),
  describe: () => 'a forecast',
} as const satisfies Task
