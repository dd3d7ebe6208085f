export * from './int8/layers'
export * from './int8/others'
