/**
 * The Host of a simulation: one thread, a virtual clock, and every choice drawn from a seed, so that the same seed
 * gives the same run. Work takes a little of its time; when nothing is ready the clock jumps to the next timer.
 */
import { MillraceError } from '@millrace/plan'
import { answerDelay } from './answer-delay.ts'
import type { Doorbell, Host } from './host.ts'
import { seededRandom } from './seeded-random.ts'

/** Turns of the real event loop without a ring or a timer that count as a deadlock. */
const PATIENCE = 10_000

interface Timer {
  readonly atMs: number
  readonly order: number
  readonly callback: () => void
}

export class SimulatedHost implements Host {
  readonly seed: number
  readonly random: () => number
  #nowMs: number
  /** What work has taken since timers last had their turn. */
  #passed = 0
  #order = 0
  #timers: Timer[] = []

  constructor(seed: number, startMs = Date.UTC(2020, 0, 1)) {
    this.seed = seed
    this.random = seededRandom(seed)
    this.#nowMs = startMs
  }

  now(): number {
    return this.#nowMs + this.#passed
  }

  /** Work takes time: every look at this clock moves it by up to a millisecond. */
  elapsed(): number {
    this.#passed += this.random()
    return this.#nowMs + this.#passed
  }

  choose(count: number): number {
    return Math.floor(this.random() * count)
  }

  timer(atMs: number, callback: () => void): () => void {
    const timer: Timer = { atMs, order: this.#order++, callback }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter(t => t !== timer)
    }
  }

  /** After a time that is mostly short. */
  answered(callback: () => void): void {
    this.timer(this.now() + answerDelay(this.random), callback)
  }

  /** The time that work took has passed, now and then some more, and with it perhaps a timer. */
  async yield(): Promise<void> {
    this.advance(this.random() < 0.1 ? this.random() * 100 : 0)
    await new Promise(resolve => setImmediate(resolve))
  }

  doorbell(): Doorbell {
    let rung = false
    return {
      ring: () => {
        rung = true
      },
      wait: async () => {
        for (let turns = 0; !rung; turns++) {
          if (turns > PATIENCE)
            throw new MillraceError('INTERNAL', 'deadlock: nothing is ready and no timer is set', {
              hint: `seed ${this.seed}`,
            })
          await new Promise(resolve => setImmediate(resolve))
          if (!rung) this.#jump()
        }
        rung = false
      },
    }
  }

  /** Moves the clock, firing what comes due on the way, in order. */
  advance(byMs: number): void {
    const until = this.#nowMs + this.#passed + byMs
    this.#passed = 0
    for (let next = this.#next(); next !== undefined && next.atMs <= until; next = this.#next()) this.#fire(next)
    this.#nowMs = Math.max(this.#nowMs, until)
  }

  #jump(): void {
    this.#nowMs += this.#passed
    this.#passed = 0
    const next = this.#next()
    if (next !== undefined) this.#fire(next)
  }

  #next(): Timer | undefined {
    let first: Timer | undefined
    for (const t of this.#timers)
      if (first === undefined || t.atMs < first.atMs || (t.atMs === first.atMs && t.order < first.order)) first = t
    return first
  }

  #fire(timer: Timer): void {
    this.#timers = this.#timers.filter(t => t !== timer)
    this.#nowMs = Math.max(this.#nowMs, timer.atMs)
    timer.callback()
  }
}
