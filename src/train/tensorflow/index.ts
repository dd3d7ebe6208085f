export { makeTensorflowEngine } from './engine.ts'
export { tensorflowEngine } from './load.ts'
