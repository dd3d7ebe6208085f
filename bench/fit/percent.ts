export const percent = (x: number): string => `${(100 * x).toFixed(1)} %`
