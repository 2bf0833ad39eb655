/** What goes wrong in a run, and when: drawn before it begins, and brought about as the run comes to it. */
import type { Draw } from './draw.ts'

export const faultKinds = [
  'process crashes',
  'worker crashes',
  'worker is lost and runs on',
  'process is replaced and runs on',
  'source fails',
  'write fails',
  'prepare fails',
  'commit fails',
  'disk fails',
  'disk writes wrong',
  'journal does not answer',
  'disk is full',
  'disk is slow',
  'lists late',
  'clock jumps',
  'site stalls',
  'newest checkpoint rots',
  'job is stopped',
] as const

export type FaultKind = (typeof faultKinds)[number]

/** What a fault may wait for: then it comes so many events later. */
const marks = [
  'part',
  'manifest',
  'journal',
  'checkpoint',
  'prepare',
  'commit',
  'recover',
  'restored',
  'started',
] as const
/** Of those that come with the end. */
const endings = ['last preparation', 'last preparation', 'checkpoint', 'prepare', 'manifest'] as const

export interface Fault {
  readonly kind: FaultKind
  /** Undefined: it comes at a time. */
  readonly mark: string | undefined
  /** So many events after the mark. */
  readonly events: number
  /** So long after the fault before. */
  readonly afterMs: number
  readonly lastsMs: number
  /** From 0 to 1: who it happens to. */
  readonly whom: number
}

/** Faults that leave the job time for its end; and some that come with it. */
export interface FaultPlan {
  readonly before: readonly Fault[]
  readonly ending: readonly Fault[]
}

const crashes: readonly FaultKind[] = [
  'process crashes',
  'worker crashes',
  'process is replaced and runs on',
  'worker is lost and runs on',
]

export function drawFaults(draw: Draw): FaultPlan {
  const fault = (mark: string | undefined, kinds: readonly FaultKind[]): Fault => ({
    kind: draw.pick(kinds),
    mark,
    events: draw.pick([0, 0, 1, 2, 5, 20, 60]),
    afterMs: draw.upTo(draw.pick([50, 400, 1200])),
    lastsMs: draw.upTo(draw.pick([50, 600, 3000])),
    whom: draw.random(),
  })
  const kinds = draw.chance(0.3) ? crashes : faultKinds
  const before = Array.from({ length: draw.between(5, 8) }, (_, i) =>
    fault(i === 0 || draw.chance(0.6) ? draw.pick(marks) : undefined, i % 2 === 0 ? [...kinds, ...crashes] : kinds),
  )
  if (draw.chance(0.2)) before.splice(draw.upTo(before.length), 0, ...inDoubt(fault))
  const ending = Array.from({ length: draw.upTo(3) }, () => fault(draw.pick(endings), [...crashes, 'prepare fails']))
  return { before, ending }
}

/** A checkpoint of which nobody knows whether it counts; what was restored meanwhile may not be what is found next. */
function inDoubt(fault: (mark: string | undefined, kinds: readonly FaultKind[]) => Fault): Fault[] {
  return [
    { ...fault('manifest', ['journal does not answer']), events: 0 },
    { ...fault('journal', ['worker crashes', 'source fails', 'write fails']), events: 0 },
    fault('recover', ['process crashes']),
  ]
}

/** Who suffers. */
export interface Victims {
  readonly elapsedMs: number
  /** False: there is nobody or nothing that this could happen to now. */
  suffer(fault: Fault): boolean
}

/** One fault after the other. */
export class Faults {
  readonly #plan: readonly Fault[]
  readonly #victims: Victims
  readonly #waitsMs: number
  #next = 0
  #armedMs = 0
  /** Events until it comes, once its mark was seen. */
  #countdown: number | undefined
  /** Those that came to pass. */
  readonly happened: Fault[] = []
  lastMs = 0

  /** @param waitsMs how long one waits for its mark, before it comes all the same */
  constructor(plan: readonly Fault[], victims: Victims, waitsMs: number) {
    this.#plan = plan
    this.#victims = victims
    this.#waitsMs = waitsMs
  }

  get over(): boolean {
    return this.#next >= this.#plan.length
  }

  mark(name: string): void {
    if (!this.over && this.#plan[this.#next]!.mark === name) this.#countdown ??= this.#plan[this.#next]!.events
  }

  /** After each event. */
  step(): void {
    if (this.over || !this.#isDue()) return
    const fault = this.#plan[this.#next]!
    if (!this.#victims.suffer(fault)) return
    this.happened.push(fault)
    this.#next++
    this.#armedMs = this.lastMs = this.#victims.elapsedMs
    this.#countdown = undefined
  }

  #isDue(): boolean {
    const { mark, afterMs } = this.#plan[this.#next]!
    const sinceMs = this.#victims.elapsedMs - this.#armedMs
    if (this.#countdown !== undefined) return this.#countdown-- <= 0
    return sinceMs >= (mark === undefined ? afterMs : this.#waitsMs)
  }
}
