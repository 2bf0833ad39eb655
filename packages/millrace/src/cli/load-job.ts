/**
 * From a file's name to its program running: what `run` and `explain` have in common.
 *
 * The bundler is a process of its own; while it works, the engine is loaded here.
 */
import { bundleJob } from '@millrace/runtime/job-module'
import { findJob } from './find-job.ts'
import type { ProgramOptions, Wishes } from './program.ts'

export async function loadJob(
  job: string,
  args: readonly string[],
  options: ProgramOptions,
  wishes: Wishes,
): Promise<void> {
  try {
    const file = await findJob(job)
    const [bundle, { runProgram }] = await Promise.all([bundleJob(file), import('./program.ts')])
    await runProgram(file, bundle, args, options, wishes)
  } catch (error) {
    process.exitCode = 1
    const { printError } = await import('./report.ts')
    printError(error, options.stack ?? false)
  }
}
