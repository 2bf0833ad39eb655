/**
 * The Host of one site of a simulation. Its clock is the simulation's, moved on by what the site does: every look at
 * `elapsed` takes up to a millisecond. Some sites are slow, and some stall now and then.
 */
import { answerDelay } from './answer-delay.ts'
import type { Doorbell, Host } from './host.ts'

export interface SimulatedEvent {
  readonly atMs: number
  readonly site: number
  readonly what: string
  /** It keeps the site's thread busy, so it waits while that is. Default false: something outside of it. */
  readonly work?: boolean
  /** The site has asked for it, of its Host. */
  readonly own?: boolean
  /** Somebody goes on with it, which is no deadlock. */
  readonly progress?: boolean
  act(): void
}

/** What a site asks of its simulation. */
export interface Surroundings {
  readonly nowMs: number
  random(): number
  pick<T>(from: readonly T[]): T
  add(event: SimulatedEvent): () => void
}

export class SimulatedSite implements Host {
  readonly index: number
  /** It does what it is at until then. */
  busyUntilMs: number
  /** It was put an end to: nothing happens there any more. */
  gone = false
  /** Its clock is so much ahead of the simulation's. */
  aheadMs = 0
  /** It waits for its doorbell. */
  asleep = false
  readonly #simulation: Surroundings
  readonly #pauseMs: number
  readonly #stalls: number
  readonly #stallMs: number
  readonly #bell: Doorbell
  /** Of virtual time, in the event that happens now. */
  #passed = 0

  constructor(simulation: Surroundings, index: number) {
    this.#simulation = simulation
    this.index = index
    this.busyUntilMs = simulation.nowMs
    this.#pauseMs = simulation.pick([0.01, 1, 5, 50])
    this.#stalls = simulation.pick([0, 0, 0.01, 0.2])
    this.#stallMs = simulation.pick([2, 50, 1000])
    this.#bell = this.#newBell()
  }

  now(): number {
    return this.trueMs + this.aheadMs
  }

  /** No jump of the clock is seen here. */
  elapsed(): number {
    this.#passed += this.#simulation.random()
    return this.trueMs
  }

  /** The simulation's time, and what it has worked since. */
  get trueMs(): number {
    return this.#simulation.nowMs + this.#passed
  }

  random(): number {
    return this.#simulation.random()
  }

  choose(count: number): number {
    return Math.floor(this.#simulation.random() * count)
  }

  timer(atMs: number, callback: () => void): () => void {
    if (atMs === Number.POSITIVE_INFINITY) return () => {}
    const late = this.random() < 0.1 ? this.random() * 20 : 0
    return this.#at(Math.max(atMs - this.aheadMs, this.trueMs) + late, 'timer', false, callback)
  }

  /** It is under way until then, whatever becomes of the site. */
  answered(callback: () => void): void {
    const atMs = this.trueMs + answerDelay(() => this.random())
    this.#simulation.add({ atMs, site: this.index, what: 'answer', work: true, progress: true, act: callback })
  }

  yield(): Promise<void> {
    return new Promise(resolve => this.#at(this.trueMs + this.random() * this.#pauseMs, 'goes on', true, resolve))
  }

  /** One a site, as in a thread. */
  doorbell(): Doorbell {
    return this.#bell
  }

  /** Something comes from outside that this site is to work on. */
  receive(atMs: number, what: string, progress: boolean, act: () => void): void {
    this.#simulation.add({ atMs, site: this.index, what, work: true, progress, act })
  }

  /**
   * What it did in the event that is over took its time; now and then it stalls, but only where it went on with its work:
   * stalls over messages alone would keep it behind for ever.
   */
  rest(wentOn: boolean): void {
    const stall = wentOn && this.random() < this.#stalls ? this.random() * this.#stallMs : 0
    this.busyUntilMs = this.trueMs + stall
    this.#passed = 0
  }

  #at(atMs: number, what: string, progress: boolean, act: () => void): () => void {
    return this.#simulation.add({ atMs, site: this.index, what, work: true, own: true, progress, act })
  }

  #newBell(): Doorbell {
    let rung = false
    let waiter: (() => void) | undefined
    let waking = false
    const wake = (): void => {
      const resolve = waiter
      rung = waking = this.asleep = false
      waiter = undefined
      resolve?.()
    }
    return {
      ring: () => {
        rung = true
        if (waiter === undefined || waking) return
        waking = true
        this.#at(this.trueMs + this.random() * this.#pauseMs, 'wakes', true, wake)
      },
      wait: async () => {
        if (!rung) {
          this.asleep = true
          await new Promise<void>(resolve => {
            waiter = resolve
          })
        }
        rung = false
      },
    }
  }
}
