export const createHash = undefined
