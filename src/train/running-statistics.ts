/** Share of themselves that running statistics keep at each step; smaller at first, when they are the plain mean of what was seen. */
const momentum = 0.9

/** Training steps after which the share no longer grows: weights that are loaded count as settled. */
export const settledSteps = 9

/** The share kept in training step number `steps` (from 0) of a network whose batch norm reads its batches. */
export const keptShare = (steps: number): number => Math.min(momentum, steps / (steps + 1))
