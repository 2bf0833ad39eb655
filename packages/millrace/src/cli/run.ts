/** `millrace run`: evaluates a program, whose jobs run, and shows their progress. */
import { loadJob } from './load-job.ts'
import { progress } from './progress.ts'

export interface RunOptions {
  readonly progress?: boolean
  readonly check?: boolean
  readonly stack?: boolean
}

export async function runJob(job: string, args: readonly string[], options: RunOptions): Promise<void> {
  const shown = options.progress ?? process.stderr.isTTY === true
  const check = options.check ?? false
  const onEvent = shown ? { onEvent: progress(line => process.stderr.write(`${line}\n`)) } : {}
  await loadJob(job, args, options, { check, ...onEvent })
}
