/** The bounds among a command's options, as a study names them. */
export function boundsOf(options: Record<string, unknown>) {
  const bounds = {
    maxLatencyMs: options.maxLatency,
    maxRamBytes: options.maxRam,
    maxFlashBytes: options.maxFlash,
    maxEnergyUj: options.maxEnergy,
    reserveRamBytes: options.reserveRam,
    reserveFlashBytes: options.reserveFlash,
  }
  return Object.fromEntries(Object.entries(bounds).filter(([, v]) => v !== undefined)) as { [K in keyof typeof bounds]?: number }
}
