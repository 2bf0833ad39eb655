/**
 * The aggregate of the last n slices, kept as they come and go: two stacks (Tangwongsan, Hirzel, Schneider and Wu,
 * "General Incremental Sliding-Window Aggregation", PVLDB 8(7), 2015, section 2), each entry a table over all keys.
 *
 * `front[i]` is slice i merged with all later ones of the front; `back` all slices behind the front. A window is
 * front[first] merged with back; when the front is used up, the slices at hand become the new front. Each slice is
 * merged about three times however many windows it is in, and nothing needs an inverse.
 *
 * A slice that changed after it was merged makes the stacks invalid; they are derived from the slices, so that means
 * only that the next window builds them anew. They are no state.
 */
import type { AggregateKernel } from '../aggregate/kernel.ts'
import type { Table } from '../aggregate/table.ts'
import { stateArray } from '../state/arrays.ts'
import type { Slice } from '../state/slice.ts'
import type { SlicesState } from '../state/slices.ts'

export class SlidingMerge {
  readonly #kernel: AggregateKernel
  readonly #slices: SlicesState
  readonly #widthMs: number
  /** By slice start; every start from `#first` up to `#middle` is there. */
  readonly #front = new Map<number, MergedTable>()
  readonly #spare: MergedTable[] = []
  #back: MergedTable | undefined
  #result: MergedTable | undefined
  /** Starts: the first slice merged, the first of the back, the first not merged. */
  #first = 0
  #middle = 0
  #last = 0
  #valid = false

  constructor(kernel: AggregateKernel, slices: SlicesState, widthMs: number) {
    this.#kernel = kernel
    this.#slices = slices
    this.#widthMs = widthMs
  }

  /** A row was added to the slice. */
  changed(start: number): void {
    if (start < this.#last) this.#valid = false
  }

  /** The merged rows of slices from `start` until before `end`; valid until the next call. */
  window(start: number, end: number, capacity: number): Table {
    if (!this.#valid || start < this.#first || start > this.#last) this.#rebuild(start, end, capacity)
    else this.#advance(start, end, capacity)
    const front = this.#front.get(start)
    const back = this.#back
    if (front === undefined) return back ?? this.#empty(capacity)
    if (back === undefined || back.size === 0) return front
    this.#result = this.#cleared(this.#result, capacity)
    this.#kernel.merge(front, this.#result)
    this.#kernel.merge(back, this.#result)
    return this.#result
  }

  #advance(start: number, end: number, capacity: number): void {
    if (start >= this.#middle) return this.#rebuild(start, end, capacity)
    for (let at = this.#first; at < start; at += this.#widthMs) this.#retire(at)
    this.#first = start
    for (let at = this.#last; at < end; at += this.#widthMs) {
      const slice = this.#slices.get(at)
      if (slice === undefined) continue
      this.#back ??= this.#take(capacity)
      this.#back.ensure(capacity)
      this.#kernel.merge(slice, this.#back)
    }
    this.#last = end
  }

  /** Every slice of the window becomes the front. */
  #rebuild(start: number, end: number, capacity: number): void {
    for (const at of [...this.#front.keys()]) this.#retire(at)
    if (this.#back !== undefined) this.#spare.push(this.#back)
    this.#back = undefined
    let later: MergedTable | undefined
    for (let at = end - this.#widthMs; at >= start; at -= this.#widthMs) {
      const table = this.#take(capacity)
      const slice = this.#slices.get(at)
      if (slice !== undefined) this.#kernel.merge(slice, table)
      if (later !== undefined) this.#kernel.merge(later, table)
      this.#front.set(at, table)
      later = table
    }
    this.#first = start
    this.#middle = end
    this.#last = end
    this.#valid = true
  }

  #retire(start: number): void {
    const table = this.#front.get(start)
    if (table === undefined) return
    this.#front.delete(start)
    this.#spare.push(table)
  }

  #take(capacity: number): MergedTable {
    return this.#cleared(this.#spare.pop(), capacity)
  }

  #cleared(table: MergedTable | undefined, capacity: number): MergedTable {
    const cleared = table ?? new MergedTable(this.#slices.fields)
    cleared.clear()
    cleared.ensure(capacity)
    return cleared
  }

  #empty(capacity: number): Table {
    this.#result = this.#cleared(this.#result, capacity)
    return this.#result
  }
}

/** A slice's columns without being one. */
class MergedTable implements Table {
  readonly #fields: SlicesState['fields']
  arrays: Slice['arrays'] = []
  present = new Uint8Array(0)
  touched = new Int32Array(0)
  size = 0

  constructor(fields: SlicesState['fields']) {
    this.#fields = fields
  }

  clear(): void {
    for (let i = 0; i < this.size; i++) this.present[this.touched[i]!] = 0
    this.size = 0
  }

  /** Room for ids below `capacity`, keeping what is there. */
  ensure(capacity: number): void {
    if (this.present.length >= capacity && this.arrays.length === this.#fields.length) return
    const old = this.arrays
    this.arrays = this.#fields.map((f, i) => {
      const array = stateArray(f, capacity)
      if (old[i] !== undefined)
        for (let k = 0; k < this.size; k++) array[this.touched[k]!] = old[i]![this.touched[k]!] as never
      return array
    })
    const present = new Uint8Array(capacity)
    present.set(this.present)
    this.present = present
    const touched = new Int32Array(capacity)
    touched.set(this.touched)
    this.touched = touched
  }
}
