/**
 * Rows for which something outside is asked, and marks between them: in the order in which they came. A row leaves when its
 * answer has been given on, wherever it stands; a mark (a watermark, or that nothing may come for a while) says something
 * of all before it, and leaves when it is the first.
 *
 * A snapshot has the rows and where marks stand among them, but no answers: whoever is restored asks again. Where the
 * subtasks are others, rows are dealt out in turn, and marks, which spoke of the rows of one subtask, are gone.
 * Cost: a linked list, so that one slow answer keeps nothing but itself.
 */
import { AnyColumn, Batch, field, Schema } from '@millrace/algebra'
import { timeFrom, timeJson } from '../driver/time-json.ts'
import type { Json } from '../source.ts'
import type { StateHandle, StatePart } from './handle.ts'

/** One row, until its answer has been given on. */
export class Request {
  readonly row: unknown
  readonly time: number | undefined
  /** How many marks came before it. */
  readonly segment: number
  answered = false
  answer: unknown = undefined
  previous: Item | undefined = undefined
  next: Item | undefined = undefined

  constructor(row: unknown, time: number | undefined, segment: number) {
    this.row = row
    this.time = time
    this.segment = segment
  }
}

/** Between rows: no row before this time follows, or (null) none may come for a while. */
export class Mark {
  time: number | null
  previous: Item | undefined = undefined
  next: Item | undefined = undefined

  constructor(time: number | null) {
    this.time = time
  }
}

export type Item = Request | Mark

interface RequestsMeta {
  readonly [name: string]: Json
  /** How many rows stand before a mark, and what it says; null: they were lost. */
  readonly marks: readonly (readonly [rows: number, time: Json])[] | null
}

const schema = Schema.record([field('row', 'any', true), field('time', 'any', true)])

/** As a snapshot has it for another subtask. */
export const MARKS_LOST: RequestsMeta = { marks: null }

export class RequestsState implements StateHandle {
  #first: Item | undefined
  #last: Item | undefined
  #size = 0
  #marks = 0
  #marksGone = 0
  /** It was restored from the rows of several subtasks. */
  marksLost = false

  /** Rows. */
  get size(): number {
    return this.#size
  }

  get first(): Item | undefined {
    return this.#first
  }

  /** Of the rows before the first mark. */
  get segment(): number {
    return this.#marksGone
  }

  add(row: unknown, time: number | undefined): Request {
    const request = new Request(row, time, this.#marks)
    this.#append(request)
    this.#size++
    return request
  }

  /** Of two watermarks with no row between them only the later one says anything. */
  mark(time: number | null): void {
    const last = this.#last
    if (time !== null && last instanceof Mark && last.time !== null) {
      last.time = time
      return
    }
    this.#append(new Mark(time))
    this.#marks++
  }

  remove(item: Item): void {
    const { previous, next } = item
    if (previous === undefined) this.#first = next
    else previous.next = next
    if (next === undefined) this.#last = previous
    else next.previous = previous
    if (item instanceof Mark) this.#marksGone++
    else this.#size--
  }

  *[Symbol.iterator](): Iterator<Item> {
    for (let item = this.#first; item !== undefined; item = item.next) yield item
  }

  #append(item: Item): void {
    item.previous = this.#last
    if (this.#last === undefined) this.#first = item
    else this.#last.next = item
    this.#last = item
  }

  snapshot(): StatePart[] {
    const rows: unknown[] = []
    const times: unknown[] = []
    const marks: [number, Json][] = []
    for (const item of this) {
      if (item instanceof Mark) marks.push([rows.length, item.time === null ? null : timeJson(item.time)])
      else {
        rows.push(item.row)
        times.push(item.time)
      }
    }
    const batch = new Batch(schema, [new AnyColumn(rows), new AnyColumn(times)], rows.length)
    return [{ group: -1, meta: { marks }, batch }]
  }

  restore(parts: readonly StatePart[]): void {
    for (const { batch, meta } of parts) {
      const { marks } = meta as RequestsMeta
      if (marks === null) this.marksLost = true
      let at = 0
      const marksBefore = (rows: number): void => {
        for (; marks !== null && at < marks.length && marks[at][0] <= rows; at++) {
          const [, time] = marks[at]
          this.mark(time === null ? null : timeFrom(time as number | string))
        }
      }
      for (let i = 0; batch !== null && i < batch.length; i++) {
        marksBefore(i)
        this.add(batch.get(0, i), (batch.get(1, i) ?? undefined) as number | undefined)
      }
      marksBefore(Number.POSITIVE_INFINITY)
    }
  }
}
