/**
 * A job with checkpoints over all its processes: killed, and started again with as many workers or with others, until it has
 * come to its end.
 */
import { join } from 'node:path'
import { type Death, type Ended, type ProcessOptions, runProcess } from './killed-process.ts'

const bin = join(import.meta.dirname, '../../../packages/millrace/bin/millrace.js')

/** `millrace run` with a program of `programs/`. */
export function commandOf(program: string): readonly string[] {
  return [bin, 'run', join(import.meta.dirname, 'programs', program)]
}

/** The moments at which a job may not go on with other workers: it says so, and goes on with as many as before. */
const mayNotMove = /go on with (\d+|as many) workers/

export interface KilledRunOptions extends Omit<ProcessOptions, 'death'> {
  /** How many each process has, over and over. */
  readonly workers: readonly number[]
}

export class KilledRun {
  kills = 0
  /** Times that another number of workers was refused. */
  refused = 0
  parallelism: number
  readonly #options: KilledRunOptions

  constructor(options: KilledRunOptions) {
    this.#options = options
    this.parallelism = options.workers[0]!
  }

  /**
   * Returns what the last process printed. Rejects if one fails.
   *
   * @param death of the next process; undefined: it is left alone
   */
  async toItsEnd(
    death: (parallelism: number) => Death | undefined,
    told: (ended: Ended) => void = () => {},
  ): Promise<string> {
    const { workers, command, ...options } = this.#options
    let next = this.parallelism
    for (let turn = 1; ; ) {
      const ended = await runProcess({ ...options, command: [...command, `${next}`], death: death(next) })
      if (ended.killed) {
        this.kills++
        told(ended)
      }
      if (!ended.killed && ended.code !== 0 && next !== this.parallelism && mayNotMove.test(ended.stderr)) {
        this.refused++
        next = this.parallelism
        continue
      }
      this.parallelism = next
      if (!ended.killed) {
        if (ended.code === 0 && ended.stderr === '') return ended.stdout
        throw new Error(`${command.slice(1).join(' ')} ${next} ended with ${ended.code}: ${ended.stderr}`)
      }
      next = workers[turn++ % workers.length]!
    }
  }
}
