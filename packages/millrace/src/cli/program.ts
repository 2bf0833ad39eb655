/**
 * A user's program from its first line to the exit of the process.
 *
 * The process belongs to the program: when its last line has run and nothing keeps the event loop alive, it ends, with the
 * exit code the program chose. Everything that ends it earlier goes through here, once: an exception or rejection
 * nobody handled (exit code 1), `process.exit` under a running job (JOB_EXITED, 1), the first signal (jobs stop and write
 * what they have, 128 + its number), the second signal (at once). A failure cancels the jobs that run and waits for
 * their clean-up, so that their sinks leave nothing half written.
 */

import { constants } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { callSite, MillraceError } from '@millrace/plan'
import { type Mode, setMode } from '@millrace/runtime'
import { type Bundle, evaluateJob, type JobModule } from '@millrace/runtime/job-module'
import { printError } from './report.ts'

export interface ProgramOptions {
  /** Print whole stacks. */
  readonly stack?: boolean | undefined
}

/** How long jobs get to clean up after a failure: longer than they give their workers. A sink that hangs must not keep the process. */
const patienceMs = 15_000

/** What a command does with the jobs of the program. */
export type Wishes = Pick<Mode, 'explain' | 'check' | 'onEvent' | 'parallelism' | 'checkpoints'>

/** Evaluates a bundled program in this process. `file` is what the program is told it is. */
export async function runProgram(
  file: string,
  bundle: Bundle,
  args: readonly string[],
  options: ProgramOptions,
  wishes: Wishes,
): Promise<void> {
  process.once('exit', () => bundle.remove())
  const program: JobModule = { url: bundle.url, file, args }
  const guard = new Guard({ ...wishes, job: program }, options.stack ?? false)
  guard.stand()
  await guard.evaluate(program)
}

/** Stands between a program and the end of its process. */
class Guard {
  readonly #mode: Mode
  readonly #stop = new AbortController()
  readonly #cancel = new AbortController()
  readonly #exit = process.exit
  readonly #showStack: boolean
  #stoppedBy: NodeJS.Signals | undefined
  #failed = false
  #evaluated = false

  constructor(wishes: Omit<Mode, 'running'>, showStack: boolean) {
    this.#mode = { ...wishes, stop: this.#stop.signal, cancel: this.#cancel.signal, running: 0 }
    this.#showStack = showStack
  }

  stand(): void {
    setMode(this.#mode)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => this.#signalled(signal))
    // A program that handles these itself means to go on.
    for (const event of ['uncaughtException', 'unhandledRejection'])
      process.on(event, error => {
        if (process.listenerCount(event) === 1) void this.#fail(error)
      })
    process.once('beforeExit', () => this.#idle())
    process.once('exit', () => {
      if (this.#stoppedBy !== undefined && !this.#failed) process.exitCode = exitCode(this.#stoppedBy)
    })
    process.exit = code => this.#exitCalled(code)
  }

  async evaluate(program: JobModule): Promise<void> {
    try {
      await evaluateJob(program)
      this.#evaluated = true
    } catch (error) {
      await this.#fail(error)
    }
  }

  /** Nothing is left to do: either all is done, or something waits in vain. */
  #idle(): void {
    if (this.#failed || (this.#evaluated && this.#mode.running === 0)) return
    this.#failed = true
    process.exitCode = 1
    const waits = this.#mode.running === 0 ? 'its top-level await' : 'a job'
    const message = `invalid program: ${waits} waits for something that can no longer happen`
    printError(new MillraceError('INVALID_ARGUMENT', message), this.#showStack)
  }

  #signalled(signal: NodeJS.Signals): void {
    if (this.#mode.running === 0 && process.listenerCount(signal) > 1) return
    if (this.#stoppedBy !== undefined || this.#mode.running === 0) this.#exit.call(process, exitCode(signal))
    this.#stoppedBy = signal
    if (process.stderr.isTTY) process.stderr.write('\nstopping; once more to exit at once\n')
    this.#stop.abort(new MillraceError('CANCELLED', `stopped by ${signal}`))
  }

  #exitCalled(code: string | number | null | undefined): never {
    if (this.#mode.running === 0 || this.#stoppedBy !== undefined) return this.#exit.call(process, code ?? undefined)
    const error = new MillraceError('JOB_EXITED', `invalid call: process.exit(${code ?? ''}) while a job runs`, {
      hint: 'throw an error to fail the job, or abort the signal given to run()',
      site: callSite(),
    })
    void this.#fail(error)
    throw error
  }

  async #fail(error: unknown): Promise<void> {
    if (this.#failed) return
    this.#failed = true
    this.#cancel.abort(error)
    for (let waited = 0; this.#mode.running > 0 && waited < patienceMs; waited += 5) await pause(5)
    const stopped = this.#stoppedBy !== undefined && isCode(error, 'CANCELLED')
    if (!stopped) printError(error, this.#showStack)
    if (stopped) this.#exit.call(process, exitCode(this.#stoppedBy!))
    this.#exit.call(process, isCode(error, 'STOPPED') ? 0 : 1)
  }
}

function exitCode(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal]
}

/** Of another copy of the engine, perhaps. A job rejects with CANCELLED when a signal has stopped it, with STOPPED behind a savepoint. */
function isCode(error: unknown, code: 'CANCELLED' | 'STOPPED'): boolean {
  return (error as Partial<MillraceError> | null)?.code === code
}
