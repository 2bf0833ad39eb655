/**
 * Property tests draw new cases at every run, except in CI: there a failure must be that of the change. `SEED=n` sets
 * the seed anywhere; a failing property prints its own seed and path either way. Where only the fact of a failure counts
 * (`MUTATE`), nothing is spent on finding a smaller case.
 */
import fc from 'fast-check'

const { CI, MUTATE, SEED } = process.env
if (SEED !== undefined || CI !== undefined) fc.configureGlobal({ seed: Number(SEED ?? 20010701) })
if (MUTATE !== undefined) fc.configureGlobal({ ...fc.readConfigureGlobal(), endOnFailure: true })
