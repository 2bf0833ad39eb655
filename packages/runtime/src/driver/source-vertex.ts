/**
 * The vertex around a source: opens its splits in order, so many at a time, polls their readers, and ends when there
 * are none left. Which of several readers comes next is the Host's choice.
 */
import { BatchBuilder } from '@millrace/algebra'
import { type CallSite, MillraceError, rejectedSchema, type SourceNode } from '@millrace/plan'
import type { JobEvent } from '../events.ts'
import type { Host } from '../host/host.ts'
import type { Json, NumberedSplit, Rejected, Source, SplitReader } from '../source.ts'
import { connectorFailure } from './connector-failure.ts'
import { type Surroundings, Vertex } from './vertex.ts'
import type { RestoredVertex } from './vertex-record.ts'

interface OpenSplit {
  readonly id: string
  readonly number: number
  readonly reader: SplitReader
  waiting: boolean
  /** It had nothing when it was last asked. */
  quiet: boolean
}

export class SourceVertex extends Vertex {
  readonly node: SourceNode
  readonly #source: Source
  readonly #host: Host
  readonly #report: (event: JobEvent) => void
  readonly #open: OpenSplit[] = []
  #unopened: readonly NumberedSplit[] = []
  #nextSplit = 0
  /**
   * Splits that were being read, by several, go on together with those that come before one of them: what is behind one may wait
   * for all of them, and rows of an earlier one would be late behind a later one's.
   */
  #goesOnTogether = false
  /** Readers that are letting go of what they hold. */
  readonly #closing: Promise<void>[] = []
  readonly #rejected = new BatchBuilder(rejectedSchema)

  constructor(id: number, node: SourceNode, host: Host, report: (event: JobEvent) => void, surroundings: Surroundings) {
    super(id, node.source.label, [], surroundings)
    this.node = node
    this.#source = node.source as Source
    this.#host = host
    this.#report = report
  }

  /** What it is to read here. */
  assign(splits: readonly NumberedSplit[]): void {
    this.#unopened = splits
  }

  /** The splits that are not read to their end, each from behind what has been given of it. */
  get remaining(): readonly NumberedSplit[] {
    const open = this.#open.map(({ id, number, reader }) => ({ id, number, offset: this.#offset(reader) }))
    return [...open, ...this.#unopened.slice(this.#nextSplit)]
  }

  #offset(reader: SplitReader): Json {
    try {
      return reader.offset()
    } catch (error) {
      throw this.#located(error)
    }
  }

  /** Ends an epoch where its output is. */
  cut(epoch: number, barrier: boolean): void {
    if (this.ended) return
    if (barrier) this.surroundings.snapshot?.(this, epoch, this.record())
    this.broadcast({ kind: 'epoch', epoch, barrier })
  }

  /** Reads no further. */
  stop(): void {
    this.ended = true
    this.stopped = true
    this.broadcast({ kind: 'stopped' })
  }

  /** Some reader may have rows, or all have ended and that is not yet said. */
  get ready(): boolean {
    return !this.ended && (this.#canOpen || this.#open.some(s => !s.waiting) || this.#exhausted)
  }

  get #canOpen(): boolean {
    if (this.#nextSplit >= this.#unopened.length) return false
    if (this.#goesOnTogether && this.#isBegun(this.#nextSplit)) return true
    return this.#open.length < (this.#source.concurrentSplits ?? 1)
  }

  /** This split, or one behind it. */
  #isBegun(index: number): boolean {
    return this.#unopened.some(({ offset }, i) => i >= index && offset !== undefined)
  }

  override restore(from: RestoredVertex): void {
    super.restore(from)
    this.#goesOnTogether = from.moved
  }

  get #exhausted(): boolean {
    return this.#open.length === 0 && this.#nextSplit >= this.#unopened.length
  }

  /** One poll of one reader, and all that follows from it. Called only while nothing below is full. */
  /** False: nothing has come of it, as a reader that is woken again and again has nothing to give. */
  step(maxRows: number): boolean {
    while (this.#canOpen) this.#openNext()
    if (this.#exhausted) {
      this.#finish()
      return true
    }
    const ready = this.#open.filter(s => !s.waiting)
    const split = ready.length === 1 ? ready[0] : ready[this.#host.choose(ready.length)]
    split.waiting = true // unless it wakes us during the poll
    const polled = this.#poll(split, maxRows)
    if (polled !== 'wait') split.waiting = false
    if (polled === 'wait') this.#wait(split)
    else if (polled === 'end') this.#close(split)
    else this.emit(polled, 0, split.number)
    const isNews = polled !== 'wait' || !split.quiet || this.#rejected.length > 0
    split.quiet = polled === 'wait'
    if (this.#rejected.length > 0) this.emit(this.#rejected.take(), 1, split.number)
    return isNews
  }

  #wait(split: OpenSplit): void {
    if (!this.#source.bounded) this.broadcastSplit({ kind: 'caughtUp', split: split.number })
  }

  #poll(split: OpenSplit, maxRows: number): ReturnType<SplitReader['poll']> {
    try {
      return split.reader.poll(maxRows)
    } catch (error) {
      throw this.#located(error)
    }
  }

  #openNext(): void {
    const split = this.#unopened[this.#nextSplit++]
    let opened: OpenSplit | undefined
    const wake = (): void => {
      if (opened !== undefined) opened.waiting = false
      this.stalled()
    }
    opened = { id: split.id, number: split.number, reader: this.#read(split, wake), waiting: false, quiet: false }
    this.#open.push(opened)
    this.broadcastSplit({ kind: 'splitStart', split: split.number })
  }

  #read(split: NumberedSplit, wake: () => void): SplitReader {
    const { schema, predicates } = this.node
    const reject = (rejected: Rejected): void => this.#reject(rejected)
    try {
      return this.#source.open(split, { host: this.#host, schema, predicates, wake, reject })
    } catch (error) {
      throw this.#located(error)
    }
  }

  #close(split: OpenSplit): void {
    this.#open.splice(this.#open.indexOf(split), 1)
    this.#closing.push(this.#closed(split))
    this.broadcastSplit({ kind: 'splitEnd', split: split.number })
  }

  #finish(): void {
    this.ended = true
    this.broadcast({ kind: 'end' })
    this.surroundings.finished?.(this)
  }

  #reject(rejected: Rejected): void {
    if ((this.#source.onError ?? 'fail') === 'fail')
      throw new MillraceError('INVALID_ROW', rejected.message, { at: rejected.at })
    this.counters.skipped = (this.counters.skipped ?? 0) + 1
    this.#report({ kind: 'rejected', at: rejected.at, message: rejected.message })
    if (this.outputs[1].length > 0) this.#rejected.append(rejected)
  }

  #located(error: unknown): MillraceError {
    return connectorFailure(error, this.label, this.node.site)
  }

  /** Everything wanted has been read by then: what fails in closing changes no result, and is only reported. */
  async #closed({ id, reader }: OpenSplit): Promise<void> {
    try {
      await reader.close()
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      this.#report({ kind: 'notClosed', source: this.label, split: id, message })
    }
  }

  async dispose(): Promise<void> {
    this.#closing.push(...this.#open.splice(0).map(split => this.#closed(split)))
    await Promise.all(this.#closing)
  }

  get site(): CallSite | undefined {
    return this.node.site
  }

  protected process(): void {}
  protected onWatermark(): boolean {
    return true
  }
  protected onEpoch(): boolean {
    return true
  }
  protected onSplit(): void {}
  protected onInputEnd(): boolean {
    return true
  }
  protected onEnd(): boolean {
    return true
  }
  protected wants(): boolean {
    return true
  }
}
