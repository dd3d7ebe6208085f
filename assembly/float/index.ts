export { fill } from './elementwise'
