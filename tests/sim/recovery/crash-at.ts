/**
 * A small job that crashes at one poll of its sources, and goes on in another process: what is visible in the end is what it
 * should be. Unlike a `World` nothing else happens to it.
 */
import { sinkNode, sourceNode } from '@millrace/plan'
import { SimulatedDisk, SimulatedProcess, SimulatedStorage, Simulation } from '@millrace/runtime/inside'
import { Auditor } from './auditor.ts'
import { type Load, place, type Table } from './load.ts'
import { type Outside, replayedSource } from './replayed-source.ts'
import { sinkTo, Target } from './target.ts'

export interface CrashOptions {
  readonly load: Load
  readonly batchRows: number
  /** Of the first process, and of the second. */
  readonly workers: readonly [number, number]
  /** The number of the poll before which it crashes; undefined: it does not. */
  readonly at?: number
}

/** Until then rows come bit by bit, so that checkpoints come between. */
const ROWS_MS = 1500

/** Throws a Violation if something is wrong. Returns the number of polls until the end, and the checkpoints it had at the crash. */
export async function crashAt(
  options: CrashOptions,
): Promise<{ readonly polls: number; readonly checkpoints: number }> {
  return new Crash(options).run()
}

class Crash implements Outside {
  readonly #options: CrashOptions
  readonly #simulation = new Simulation(1, 1)
  readonly #startMs = this.#simulation.nowMs
  readonly #disk = new SimulatedDisk({ delayMs: 1 })
  readonly #auditor = new Auditor(this.#disk)
  readonly #targets: readonly Target[]
  #polls = 0
  #checkpoints = 0
  #due = false

  constructor(options: CrashOptions) {
    this.#options = options
    this.#targets = options.load.outputs.map(
      ({ name }) => new Target({ name, place: 'workers', pauseMs: 0, keeps: 0 }, this.#auditor),
    )
  }

  get elapsedMs(): number {
    return this.#simulation.nowMs - this.#startMs
  }

  get mayEnd(): boolean {
    return this.elapsedMs > ROWS_MS
  }

  failIf(where: string): void {
    if (where === 'source' && ++this.#polls === this.#options.at) this.#due = true
  }

  mark(): void {}

  async run(): Promise<{ polls: number; checkpoints: number }> {
    const simulation = this.#simulation
    let checkpoints = 0
    await simulation.run(
      this.#live().then(before => {
        checkpoints = before
      }),
      () => 'a job that crashes once',
    )
    this.#auditor.end(new Set(), 1)
    if (this.#auditor.violation !== undefined) throw this.#auditor.violation
    return { polls: this.#polls, checkpoints }
  }

  async #live(): Promise<number> {
    const first = this.#start(0)
    const crashed = new Promise<'crashed'>(resolve => {
      this.#simulation.onEvent(() => {
        if (!this.#due || first.gone) return
        first.crash()
        resolve('crashed')
      })
    })
    if ((await Promise.race([first.finished, crashed])) !== 'crashed') return this.#checkpoints
    const before = this.#checkpoints
    await this.#start(1).finished
    return before
  }

  #start(number: 0 | 1): SimulatedProcess {
    const { load, batchRows, workers } = this.#options
    const simulation = this.#simulation
    return new SimulatedProcess({
      simulation,
      workers: workers[number],
      batchRows,
      slots: 4,
      slotBytes: 4096,
      generate: number === 0,
      optimise: true,
      everyMs: 6,
      minPauseMs: 0,
      timeoutMs: 30_000,
      retain: 1,
      tolerates: 0,
      restart: { kind: 'none' },
      sinks: host => {
        const read = (label: string) =>
          sourceNode({
            source: replayedSource(slowly(load.tables.find(table => table.label === label)!), this),
            ...place,
          })
        return load
          .plans(read, () => simulation.nowMs)
          .map((input, i) => {
            if (number === 0) this.#auditor.watch(this.#targets[i]!, load.outputs[i]!, input.collection)
            return sinkNode({ input, sink: sinkTo(this.#targets[i]!, number, host, this), ...place })
          })
      },
      storage: host => new SimulatedStorage(this.#disk, host),
      report: event => {
        if (event.kind === 'checkpoint') this.#checkpoints++
      },
    })
  }
}

/** Its rows come over all the time that there is. */
function slowly(table: Table): Table {
  const longest = table.splits.reduce((most, rows) => Math.max(most, rows.length), 1)
  return { ...table, paceMs: ROWS_MS / longest }
}
