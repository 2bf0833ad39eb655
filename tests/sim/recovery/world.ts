/**
 * The environment of a simulated job: it starts processes, lets happen to them what its plan says, and starts others in
 * their place until the job is done. What it knows to be harmless is told apart from what must not be.
 */
import { MillraceError, sinkNode, sourceNode } from '@millrace/plan'
import type { JobEvent } from '@millrace/runtime'
import {
  putRequest,
  SimulatedDisk,
  SimulatedProcess,
  type SimulatedSite,
  SimulatedStorage,
  Simulation,
} from '@millrace/runtime/inside'
import { Auditor, Violation } from './auditor.ts'
import { type Afflicted, bringAbout } from './bring-about.ts'
import type { Case } from './case.ts'
import { type Fault, Faults, type Victims } from './faults.ts'
import { place } from './load.ts'
import { type EntryFate, MarkedStorage } from './marked-storage.ts'
import { type Outside, replayedSource } from './replayed-source.ts'
import { sinkTo, Target } from './target.ts'

export interface Report {
  readonly shape: string
  readonly workers: readonly number[]
  readonly rows: number
  readonly checkpoints: number
  /** Of these, those with changes of earlier ones; and as many were restored. */
  readonly changes: number
  readonly savepoints: number
  readonly restores: number
  readonly restoredChanges: number
  /** Most files of a part. */
  readonly longest: number
  readonly processes: number
  readonly faults: readonly Fault[]
  /** Of these, those that came while a checkpoint was under way or a job was being restored. */
  readonly inside: number
  readonly events: number
  readonly elapsedMs: number
}

/** Within so long after the last fault the job has to come on, and to end: slow sites may need minutes for its rows. */
const PATIENCE_MS = 240_000
const MOST_MS = 1_200_000
/** As long a job may take before it has taken its checkpoints. */
const MARK_MS = 4000
const MOST_EVENTS = 300_000
const INJECTED = 'injected failure'
/** What a fault may lead to. */
const known = /^(WORKER_LOST|CHECKPOINT_FAILED|CHECKPOINT_FENCED|IO|CANCELLED)$/

export class World implements Outside, Victims, Afflicted {
  readonly simulation: Simulation
  readonly disk: SimulatedDisk
  readonly auditor: Auditor
  readonly #case: Case
  readonly #targets: readonly Target[]
  readonly #faults: Faults
  readonly #endings: Faults
  readonly #startMs: number
  readonly #processes: SimulatedProcess[] = []
  readonly lingering = new Set<number>()
  readonly fails = new Set<string>()
  readonly fates: EntryFate[] = []
  aheadMs = 0
  clockJumped = false
  stopped = false
  readonly #counts = { checkpoints: 0, changes: 0, savepoints: 0, restores: 0, restoredChanges: 0, longest: 0 }
  /** Processes whose run is about to start, and goes on from a checkpoint. */
  readonly #restored = new Set<number>()
  /** When the last was complete. */
  #checkpointMs = 0
  #problem: Error | undefined
  endProcess: () => void = () => {}

  constructor(of: Case) {
    this.#case = of
    this.simulation = new Simulation(of.seed, 1)
    this.#startMs = this.simulation.nowMs
    this.disk = new SimulatedDisk(of.disk)
    this.auditor = new Auditor(this.disk)
    this.#faults = new Faults(of.faults.before, this, MARK_MS)
    this.#endings = new Faults(of.faults.ending, this, Number.POSITIVE_INFINITY)
    this.#targets = of.targets.map(target => new Target(target, this.auditor))
    this.simulation.onEvent(() => this.#look())
  }

  async run(): Promise<Report> {
    for (const [i, atMs] of this.#case.savepointsMs.entries())
      void this.pause(atMs).then(() => this.#askForSavepoint(i))
    await this.simulation.run(this.#live(), () => this.process?.describe() ?? 'no process')
    this.auditor.end(this.lingering, this.processNumber)
    const report = this.#report()
    const { rows, checkpoints, faults, inside } = report
    if (rows < 2000 || checkpoints < 3 || faults.length < 5 || inside < 1)
      throw new Violation(`too little has happened: ${JSON.stringify(report)}`)
    return report
  }

  /** As another program does that has the disk. */
  async #askForSavepoint(number: number): Promise<void> {
    const storage = new SimulatedStorage(this.disk, this.simulation.sites[0]!)
    await putRequest(storage, { name: `${number}`, stop: false }).catch(() => {})
  }

  #report(): Report {
    const { load, workers } = this.#case
    const faults = [...this.#faults.happened, ...this.#endings.happened]
    return {
      shape: load.shape,
      workers,
      rows: load.tables.reduce((sum, { splits }) => sum + splits.flat().length, 0),
      ...this.#counts,
      processes: this.#processes.length,
      faults,
      inside: faults.filter(({ mark }) => mark !== undefined).length,
      events: this.simulation.trace.length,
      elapsedMs: this.elapsedMs,
    }
  }

  get process(): SimulatedProcess | undefined {
    return this.#processes.at(-1)
  }

  get processNumber(): number {
    return this.#processes.length - 1
  }

  get elapsedMs(): number {
    return this.simulation.nowMs - this.#startMs
  }

  /** The end is no way out: behind the last fault the job has to have come to a checkpoint. */
  get mayEnd(): boolean {
    return this.#faults.over && this.#counts.checkpoints >= 3 && this.#checkpointMs > this.#faults.lastMs
  }

  failIf(where: string): void {
    if (this.fails.delete(where)) throw new Error(`${INJECTED}: ${where}`)
  }

  mark(name: string): void {
    this.simulation.note(0, `mark: ${name}`)
    this.#faults.mark(name)
    if (this.#faults.over) this.#endings.mark(name)
  }

  suffer(fault: Fault): boolean {
    const suffered = bringAbout(fault, this, this.#case)
    if (suffered) this.simulation.note(0, `FAULT ${fault.kind}`)
    return suffered
  }

  // Processes, one after the other.

  async #live(): Promise<void> {
    let done = false
    const failed = new Promise<never>((_, reject) => {
      this.#fail = reject
    })
    while (!done) {
      this.stopped = false
      const process = this.#start()
      const number = this.processNumber
      const ended = new Promise<false>(resolve => {
        this.endProcess = () => resolve(false)
      })
      const finished = process.finished.then(
        () => !this.stopped,
        error => this.#failedWith(error, number),
      )
      done = await Promise.race([failed, ended, finished])
      if (!done) await Promise.race([failed, this.pause(this.simulation.random() * 300)])
    }
  }

  #fail: (error: Error) => void = () => {}

  pause(ms: number): Promise<void> {
    const [site] = this.simulation.sites
    return new Promise(resolve => site!.receive(site!.trueMs + ms, 'time passes', true, resolve))
  }

  #start(): SimulatedProcess {
    const number = this.#processes.length
    const { load, workers, checkpoints, restarts } = this.#case
    this.mark('started')
    const process: SimulatedProcess = new SimulatedProcess({
      ...this.#case,
      ...checkpoints,
      simulation: this.simulation,
      workers: workers[number % workers.length]!,
      restart: restarts ? { kind: 'fixed', attempts: 1000, delayMs: 50 } : { kind: 'none' },
      sinks: host => {
        const plans = load.plans(
          label => {
            const source = replayedSource(load.tables.find(table => table.label === label)!, this)
            return sourceNode({ source, ...place })
          },
          () => (this.clockJumped ? Number.NaN : this.simulation.nowMs),
        )
        return plans.map((input, i) => {
          if (number === 0) this.auditor.watch(this.#targets[i]!, load.outputs[i]!, input.collection)
          return sinkNode({ input, sink: sinkTo(this.#targets[i]!, number, host, this), ...place })
        })
      },
      storage: host => this.#storage(host),
      report: event => this.#hear(event, number),
    })
    this.#processes.push(process)
    this.simulation.note(process.host.index, `is process ${number}`)
    return process
  }

  #storage(host: SimulatedSite): SimulatedStorage {
    host.aheadMs = this.aheadMs
    return new MarkedStorage(
      this.disk,
      host,
      name => this.mark(name),
      () => this.fates.shift() ?? 'well',
    )
  }

  #hear(event: JobEvent, number: number): void {
    if (event.kind === 'metrics') return
    const text = 'error' in event ? `: ${String(event.error)}` : 'id' in event ? ` ${event.id}` : ''
    this.simulation.note(0, `process ${number} reports ${event.kind}${text}`)
    if (event.kind === 'restored') this.#restored.add(number)
    if (event.kind === 'started' && !this.#restored.delete(number)) this.auditor.beginsAnew(number)
    if (event.kind === 'checkpoint' || event.kind === 'restored') this.mark(event.kind)
    if (event.kind === 'checkpoint' || event.kind === 'restored' || event.kind === 'savepoint')
      this.#count(event.kind, event.id)
    if ('error' in event && !this.#isHarmless(event.error, number)) this.#problem ??= asError(event.error)
  }

  #count(kind: 'checkpoint' | 'restored' | 'savepoint', id: number): void {
    const counts = this.#counts
    if (kind === 'savepoint') return void counts.savepoints++
    const files = this.auditor.filesOfPart(id)
    const changes = files > 1 ? 1 : 0
    counts.longest = Math.max(counts.longest, files)
    if (kind === 'checkpoint') {
      counts.checkpoints++
      this.#checkpointMs = this.elapsedMs
      counts.changes += changes
    } else {
      counts.restores++
      counts.restoredChanges += changes
    }
  }

  /** How a process has ended that failed: false, as the job goes on. */
  #failedWith(error: unknown, number: number): false {
    if (!this.#isHarmless(error, number)) this.#problem ??= asError(error)
    this.simulation.note(0, `process fails: ${String(error)}`)
    if (error instanceof MillraceError && error.code === 'CHECKPOINT_DAMAGED') this.disk.repair()
    return false
  }

  #isHarmless(error: unknown, number: number): boolean {
    if (error instanceof Error && error.message.includes(INJECTED)) return true
    if (!(error instanceof MillraceError)) return false
    const mayBeDamaged = this.disk.isDamaged || this.lingering.has(number)
    return known.test(error.code) || (error.code === 'CHECKPOINT_DAMAGED' && mayBeDamaged)
  }

  /** After each event. */
  #look(): void {
    if (this.auditor.violation !== undefined) return this.#fail(this.auditor.violation)
    if (this.#problem !== undefined) return this.#fail(this.#problem)
    const faultMs = Math.max(this.#faults.lastMs, this.#endings.lastMs)
    const quietMs = this.elapsedMs - Math.max(faultMs, this.#checkpointMs)
    if (quietMs > PATIENCE_MS || this.elapsedMs - faultMs > MOST_MS)
      return this.#fail(new Violation(`no end ${quietMs} ms after the last progress\n${this.process?.describe()}`))
    if (this.simulation.trace.length > MOST_EVENTS)
      return this.#fail(new Violation(`no end after ${MOST_EVENTS} events`))
    this.#faults.step()
    if (this.#faults.over) this.#endings.step()
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
