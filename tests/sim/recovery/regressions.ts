/** Seeds that once were wrong, and what was. Each also has its defect among those that are planted (`tools/sim/mutants.js`). */
export const regressions: readonly { readonly seed: number; readonly what: string }[] = [
  { seed: 50, what: 'a part was still being written when the job ended: what its sinks had prepared was lost' },
  { seed: 18, what: 'a sink that had ended before the restore was asked before its writer was there' },
]
