/** Seeds that once were wrong, and what was. Each also has its defect among those that are planted (`tools/sim/mutants.js`). */
export const regressions: readonly { readonly seed: number; readonly what: string }[] = [
  { seed: 15, what: 'a part was still being written when the job ended: what its sinks had prepared was lost' },
  { seed: 32, what: 'a sink that had ended before the restore was asked before its writer was there' },
  { seed: 40, what: 'a finished aggregate could not go on with workers whose plan has a partial one before it' },
  { seed: 142, what: 'a run that was overtaken recovered sinks of the run that had taken over' },
  {
    seed: 201,
    what: 'a sink that failed at a checkpoint behind its end failed each that came, and nobody heard of it',
  },
  {
    seed: 9,
    what: 'what sinks had prepared for a checkpoint that was given up was told of behind a later one, and lost',
  },
  { seed: 19, what: 'what had been prepared before a job began again without a checkpoint was left' },
]
