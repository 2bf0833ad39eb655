/** `millrace run`: evaluates a program, whose jobs run, and shows their progress. */
import type { JobEvent } from '@millrace/runtime'
import type { CheckpointFlags } from './checkpoint-flags.ts'
import { takeFlags, wishesOf } from './checkpoint-wishes.ts'
import { loadJob } from './load-job.ts'
import { progress, warnings } from './progress.ts'

export interface RunOptions extends CheckpointFlags {
  readonly progress?: boolean
  readonly check?: boolean
  readonly stack?: boolean
}

export async function runJob(job: string, args: readonly string[], options: RunOptions): Promise<void> {
  const shown = options.progress ?? process.stderr.isTTY === true
  const { flags, rest } = takeFlags(args, options)
  const write = (line: string): void => void process.stderr.write(`${line}\n`)
  const tell = [warnings(write), ...(shown ? [progress(write)] : [])]
  const onEvent = (event: JobEvent): void => {
    for (const each of tell) each(event)
  }
  await loadJob(job, rest, options, { check: options.check ?? false, onEvent, ...wishesOf(flags) })
}
