/**
 * A place for what an operator's state tells of itself while it goes on: a chain of files, whole or of changes, each through
 * its bytes. What may go wrong goes wrong: one is told to its end and does not count, or another takes its place.
 */
import {
  type Capture,
  decodeRecords,
  encodePart,
  mergedRecords,
  type OperatorSnapshot,
  type OperatorState,
  type PartRecord,
  type StatePart,
  sortedByGroup,
} from '@millrace/runtime/inside'
import type { Noise } from '../columns.ts'

export class CaptureChain {
  readonly #state: OperatorState
  readonly #noise: Pick<Noise, 'below'>
  /** Of the last that counts. */
  #files: readonly (readonly PartRecord[])[] = []
  #lastCounts = false
  #open: { readonly capture: Capture; readonly whole: boolean; readonly chunks: Iterator<Uint8Array> } | undefined
  #read: Uint8Array[] = []

  constructor(state: OperatorState, noise: Pick<Noise, 'below'>) {
    this.#state = state
    this.#noise = noise
  }

  get isOpen(): boolean {
    return this.#open !== undefined
  }

  begin(): void {
    if (this.isOpen) this.#lastCounts = false
    const whole = this.#files.length === 0 || this.#noise.below(5) === 0
    const capture = this.#state.capture(whole, this.#lastCounts, 1 + this.#noise.below(4))
    this.#lastCounts = false
    this.#read = []
    this.#open = { capture, whole, chunks: chunksOf(capture, this.#noise) }
  }

  /** Writes some of it. */
  pull(): void {
    const { value, done } = this.#open!.chunks.next()
    if (done !== true) this.#read.push(value)
  }

  /** Writes the rest; what is told by all the files up to here, sorted by key groups or not. */
  end(): OperatorSnapshot {
    const { capture, whole, chunks } = this.#open!
    for (let next = chunks.next(); next.done !== true; next = chunks.next()) this.#read.push(next.value)
    capture.end()
    this.#open = undefined
    const file = [...decodeRecords(Buffer.concat(this.#read), 'part')]
    const files = whole ? [file] : [...this.#files, file]
    this.#lastCounts = this.#noise.below(4) > 0
    if (this.#lastCounts) this.#files = files
    const merged = mergedRecords(files)
    return snapshotOf(this.#noise.below(2) === 0 ? merged : sortedByGroup(merged))
  }
}

/** The bytes of a part, a few pieces at a time. */
function* chunksOf(capture: Capture, noise: Pick<Noise, 'below'>): Generator<Uint8Array> {
  const pause: Uint8Array = new Uint8Array(0)
  const records: PartRecord[] = []
  for (const piece of capture.parts()) {
    // As where it is written: what was told is encoded before anything else happens.
    const told = [piece].flat().map(part => ({ operator: 'o', subtask: 0, ...part }))
    records.push(...decodeRecords(bytesOf(told), 'piece'))
    if (noise.below(4) > 0) yield pause
  }
  yield bytesOf(records)
}

function bytesOf(records: readonly PartRecord[]): Uint8Array {
  return Buffer.concat([...encodePart(records)])
}

function snapshotOf(records: readonly PartRecord[]): OperatorSnapshot {
  const states = new Map<string, StatePart[]>()
  for (const { state, group, meta, batch } of records)
    states.set(state, [...(states.get(state) ?? []), { group, meta, batch }])
  return states
}
