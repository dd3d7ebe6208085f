/** What training makes small, and whose gradient every engine has. The network's last values are compared with a row of targets. */
export type Loss =
  | { readonly kind: 'crossEntropy'; readonly labelSmoothing: number; readonly classWeights?: readonly number[] }
  | { readonly kind: 'huber'; readonly delta: number }
  | { readonly kind: 'mse' }
