export { makeTensorflowEngine } from './engine.ts'
export { tensorflowEngine } from './load.ts'
export { logitsOfModel, teacherLogits } from './teacher-model.ts'
