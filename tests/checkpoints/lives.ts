import { expect } from 'vitest'
import type { Workshop } from '../cli/workshop.ts'

/** With which arguments a process is started, behind the job's file, the folder of results and the rate. */
export type Life = readonly string[]

/**
 * Runs `job.ts` in one process after the other, each of which goes on from the checkpoints of those before. All but the last are
 * killed, each behind one checkpoint more than the one before; the last runs to its end, as fast as it can.
 */
export async function runLives(
  workshop: Workshop,
  out: string,
  ratePerSecond: number,
  lives: readonly Life[],
): Promise<void> {
  for (const [i, args] of lives.entries()) {
    const last = i === lives.length - 1
    const run = workshop.start('run', 'job.ts', out, last ? 'Infinity' : `${ratePerSecond}`, ...args)
    if (!last) {
      await run.printed('"checkpoint"', i + 2)
      run.signal('SIGKILL')
    }
    const { code, stderr, stdout } = await run.outcome
    expect(stderr).toBe('')
    expect(code, stdout).toBe(last ? 0 : null)
    if (i > 0) expect(stdout).toContain('"restored"')
  }
}
