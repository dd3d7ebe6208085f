export { type MicroBenchmark, microBenchmarks } from './benchmarks.ts'
export { type Calibration, calibrate, type Measurement } from './calibrate.ts'
export * from './cost.ts'
export { type Hint, hints } from './hints.ts'
export { deviceOf, listDevices, listRuntimes, listTargets, loadDevice, loadTarget, loadUncalibrated, runtimesOn } from './load.ts'
export { defaultBudget, flashBytes, type Prediction, predict, price } from './predict.ts'
export { type Remedy, remedies } from './remedies.ts'
export { measureNext, type Outlier, outlierRule, outliers, type Suggestion } from './review.ts'
export type { Coefficients, Device, Latency, Runtime, RuntimeFile, Target } from './schema.ts'
export {
  batteryDays,
  budgetUnder,
  cheapestTarget,
  type Demands,
  type Duty,
  type Holder,
  nearestMiss,
  type Resource,
  type Shortfall,
  shortfalls,
  smallestTarget,
} from './what-if.ts'
