/** Seeds that once were wrong, and what was. Each also has its defect among those that are planted (`tools/sim/mutants.js`). */
export const regressions: readonly { readonly seed: number; readonly what: string }[] = [
  { seed: 81, what: 'a part was still being written when the job ended: what its sinks had prepared was lost' },
  { seed: 7, what: 'a sink that had ended before the restore was asked before its writer was there' },
  { seed: 112, what: 'a finished aggregate could not go on with workers whose plan has a partial one before it' },
  { seed: 311, what: 'a run that was overtaken recovered sinks of the run that had taken over' },
  { seed: 158, what: 'a sink that failed when it was asked at its end was asked once more, and nobody heard of it' },
]
