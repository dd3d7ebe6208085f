export * from './cost.ts'
export { listDevices, listRuntimes, loadDevice, loadTarget } from './load.ts'
export { defaultBudget, flashBytes, type Prediction, predict, price } from './predict.ts'
export type { Coefficients, Device, Latency, Runtime, RuntimeFile, Target } from './schema.ts'
