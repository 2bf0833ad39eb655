/**
 * A ring between two sites of a simulation. Slots are common to both, but each side has counters of its own and
 * sees those of the other late: what was published, what was released. The delays are drawn from the simulation's seed;
 * order is kept.
 *
 * In shared memory a store is seen by all at once, so being late stands for having happened late: a release is made, and
 * only then looked whether the sender has asked, when the sender can see it. For that the receiver's side is always
 * asked, and its answer rings only if the sender's side was. A ring is never before what was published before it.
 */
import type { Schema } from '@millrace/algebra'
import { counter, type RingShape, ringBytes } from '../channel/ring.ts'
import { RingReceiver } from '../channel/ring-receiver.ts'
import { RingSender } from '../channel/ring-sender.ts'
import type { Simulation } from '../host/simulation.ts'

export interface LinkOptions {
  readonly simulation: Simulation
  readonly from: number
  readonly to: number
  readonly slots: number
  readonly slotBytes: number
  readonly schema: Schema
  readonly label: string
  readonly maxRowBytes?: number | undefined
}

const { published, released, position, asked } = counter
/** Words of a ring without slots. */
const COUNTERS = ringBytes(0, 0) / 4

export class Link {
  readonly sender: RingSender
  readonly receiver: RingReceiver
  readonly #options: LinkOptions
  readonly #near = new Int32Array(COUNTERS)
  readonly #far = new Int32Array(COUNTERS)
  /** The longest delay, most of the time. */
  readonly #delayMs: number
  /** Told to the other side: records published, released. */
  #published = 0
  #released = 0
  /** When what was told last arrives. */
  #publishedAtMs = 0
  #releasedAtMs = 0

  constructor(options: LinkOptions) {
    const { simulation, from, to, slots, slotBytes, schema, label, maxRowBytes } = options
    this.#options = options
    this.#delayMs = simulation.pick([0, 0.5, 10, 100])
    const memory = { buffer: new ArrayBuffer(ringBytes(slots, slotBytes)), offset: 0 }
    const shape = (counters: Int32Array): RingShape => ({ memory, slots, slotBytes, counters })
    const both = { schema, checked: true }
    const wake = (): void => this.#ringReceiver()
    this.sender = new RingSender({ ...shape(this.#near), ...both, maxRowBytes, label, wake })
    const answer = (): void => this.#release(true)
    this.receiver = new RingReceiver({ ...shape(this.#far), ...both, poison: true, wake: answer })
    this.#far[asked] = 1
    simulation.onTurn(from, () => this.#publish())
    simulation.onTurn(to, () => this.#release(false))
  }

  /** For the message of a deadlock; empty if nothing is under way. */
  describe(): string {
    const { from, to, label } = this.#options
    const inRing = this.#near[published] - this.#near[released]
    const { waitingBytes } = this.sender
    const { queued } = this.receiver
    if (inRing === 0 && waitingBytes === 0 && queued === 0) return ''
    const asks = this.#near[asked] === 1 ? ', sender has asked for room' : ''
    return `${from} -> ${to} ${label}: ${inRing} records not released, ${queued} to receive, ${waitingBytes} bytes wait${asks}`
  }

  #publish(): void {
    const told = this.#near[published]
    if (told === this.#published) return
    this.#published = told
    this.#publishedAtMs = this.#later(this.#options.from, this.#publishedAtMs)
    this.#at(this.#publishedAtMs, this.#options.to, 'sees records', () => {
      this.#far[published] = told
    })
  }

  #ringReceiver(): void {
    this.#publish()
    const { from, to, simulation } = this.#options
    const atMs = Math.max(this.#publishedAtMs, simulation.sites[from].trueMs + this.#delay())
    this.#at(atMs, to, 'is rung', () => simulation.sites[to].doorbell().ring())
  }

  #release(answers: boolean): void {
    const { from, to, simulation } = this.#options
    this.#far[asked] = 1
    const [told, place] = [this.#far[released], this.#far[position]]
    if (told === this.#released && !answers) return
    this.#released = told
    this.#releasedAtMs = this.#later(to, this.#releasedAtMs)
    this.#at(this.#releasedAtMs, from, answers ? 'sees room' : 'sees releases', () => {
      this.#near[position] = place
      this.#near[released] = told
      if (!answers || this.#near[asked] === 0) return
      this.#near[asked] = 0
      simulation.sites[from].doorbell().ring()
    })
  }

  #at(atMs: number, site: number, what: string, act: () => void): void {
    const { simulation, from, to, label } = this.#options
    simulation.add({ atMs, site, what: `${what} of ${from} -> ${to} ${label}`, act })
  }

  #later(site: number, lastMs: number): number {
    return Math.max(lastMs, this.#options.simulation.sites[site].trueMs + this.#delay())
  }

  #delay(): number {
    const { simulation } = this.#options
    const often = simulation.random() < 0.95 ? 1 : 10
    return simulation.random() * this.#delayMs * often
  }
}
