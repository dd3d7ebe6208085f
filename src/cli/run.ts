/** Does the work of a command; returns the exit code. */
export type Run = (args: readonly string[], options: Record<string, unknown>) => Promise<number>
