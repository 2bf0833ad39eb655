/**
 * Several sites in one thread, on one virtual clock, from a seed: a discrete-event simulation.
 *
 * Everything that happens is an event at a time: a site goes on after a pause or a ring, a timer is due, a message or a
 * sight of another's memory arrives. Events come in the order of their times, and delays are drawn from the seed, so
 * that the seed decides who is next. What a site does in an event takes up virtual time, during which it does
 * nothing else; now and then it stalls for longer. Where nobody can go on, the clock is at the next timer at once.
 * Between two events all promises that can settle do.
 *
 * Waiting for nothing is an error: no event is left, or for `QUIET_EVENTS` of them no site has gone on.
 */
import { MillraceError } from '@millrace/plan'
import { EventQueue, type TimedEvent } from './event-queue.ts'
import { seededRandom } from './seeded-random.ts'
import { type SimulatedEvent, SimulatedSite } from './simulated-site.ts'

/** Events that make nobody go on (reports of metrics), in a row, that count as a deadlock. */
const QUIET_EVENTS = 10_000
/** More than any job of a test needs. */
const MOST_EVENTS = 3_000_000

/** Something that happened: when, in milliseconds since the beginning, at which site, and what. */
export interface TraceEntry {
  readonly atMs: number
  readonly site: number
  readonly what: string
}

interface Scheduled extends TimedEvent {
  readonly event: SimulatedEvent
  cancelled: boolean
}

export class Simulation {
  readonly seed: number
  readonly random: () => number
  readonly sites: SimulatedSite[] = []
  readonly trace: TraceEntry[] = []
  readonly #startMs: number
  readonly #events = new EventQueue<Scheduled>()
  readonly #lookers: (() => void)[][] = []
  readonly #watchers: (() => void)[] = []
  #nowMs: number
  #order = 0
  #quiet = 0

  constructor(seed: number, sites: number, startMs = Date.UTC(2020, 0, 1)) {
    this.seed = seed
    this.random = seededRandom(seed)
    this.#startMs = this.#nowMs = startMs
    for (let i = 0; i < sites; i++) this.addSite()
  }

  /** One more, which begins now. */
  addSite(): SimulatedSite {
    const site = new SimulatedSite(this, this.sites.length)
    this.sites.push(site)
    this.#lookers.push([])
    return site
  }

  /** The time of the event that happens now. */
  get nowMs(): number {
    return this.#nowMs
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)]
  }

  /** Adds an event; returns a function that takes it away again. */
  add(event: SimulatedEvent): () => void {
    const scheduled: Scheduled = { atMs: event.atMs, order: this.#order++, event, cancelled: false }
    this.#events.add(scheduled)
    return () => {
      scheduled.cancelled = true
    }
  }

  /** Calls back whenever the site has done something. */
  onTurn(site: number, look: () => void): void {
    this.#lookers[site].push(look)
  }

  /** Calls back whenever anything has happened. */
  onEvent(look: () => void): void {
    this.#watchers.push(look)
  }

  /** Something of which the trace is to tell that is no event. */
  note(site: number, what: string): void {
    this.trace.push({ atMs: this.#nowMs - this.#startMs, site, what })
  }

  /** What sites have begun and not ended: their timers and pauses. */
  get left(): readonly SimulatedEvent[] {
    return [...this.#events].filter(({ cancelled, event }) => !cancelled && event.own === true).map(e => e.event)
  }

  /**
   * Runs until the promise has settled, and settles as it does.
   *
   * @param describe what each site waits for, for the message of a deadlock
   */
  async run<T>(finished: Promise<T>, describe: () => string): Promise<T> {
    let settled = false
    const settle = (): void => {
      settled = true
    }
    finished.then(settle, settle)
    for (;;) {
      await new Promise(resolve => setImmediate(resolve))
      if (settled) return finished
      const next = this.#next()
      if (next === undefined || this.#quiet > QUIET_EVENTS) throw this.#stuck('deadlock', describe())
      if (this.trace.length > MOST_EVENTS) throw this.#stuck('no end', describe())
      await this.#happen(next)
    }
  }

  #next(): SimulatedEvent | undefined {
    for (let next = this.#events.take(); next !== undefined; next = this.#events.take()) {
      const { event, cancelled } = next
      if (cancelled || this.#isGone(event)) continue
      const free = this.sites[event.site].busyUntilMs
      if (event.work === true && free > next.atMs) {
        next.atMs = free
        this.#events.add(next)
        continue
      }
      this.#nowMs = Math.max(this.#nowMs, next.atMs)
      return event
    }
    return undefined
  }

  async #happen(event: SimulatedEvent): Promise<void> {
    this.note(event.site, event.what)
    this.#quiet = event.progress === true ? 0 : this.#quiet + 1
    event.act()
    if (event.work === true) {
      await new Promise(resolve => setImmediate(resolve))
      for (const look of this.#lookers[event.site]) look()
      this.sites[event.site].rest(event.own === true && event.progress === true)
    }
    for (const look of this.#watchers) look()
  }

  #isGone({ site, work }: SimulatedEvent): boolean {
    return work === true && this.sites[site].gone
  }

  #stuck(what: string, waits: string): MillraceError {
    return new MillraceError('INTERNAL', `${what} after ${this.trace.length} events:\n${waits}`, {
      hint: `seed ${this.seed}`,
    })
  }
}
