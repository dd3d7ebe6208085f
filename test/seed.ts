import fc from 'fast-check'

// A gate must answer the same for the same commit, so CI tries one stated seed of every property. Elsewhere each run tries new ones, and a
// counterexample prints its seed. FAST_CHECK_SEED repeats a run.
const stated = process.env.FAST_CHECK_SEED ?? (process.env.CI === undefined ? undefined : '20261201')
if (stated !== undefined) fc.configureGlobal({ seed: Number(stated) })
