/**
 * Property tests draw new cases at every run, except in CI: there a failure must be that of the change. `SEED=n` sets
 * the seed anywhere; a failing property prints its own seed and path either way.
 */
import fc from 'fast-check'

const { CI, SEED } = process.env
if (SEED !== undefined || CI !== undefined) fc.configureGlobal({ seed: Number(SEED ?? 20010701) })
