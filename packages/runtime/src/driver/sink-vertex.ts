/** The vertex around a sink's writer: it accepts rows while the writer is ready, and prepares when the job says so. */
import type { Batch } from '@millrace/algebra'
import type { CallSite, SinkNode } from '@millrace/plan'
import type { Sink, SinkWriter, WriterContext, WriterState } from '../sink.ts'
import type { Json } from '../source.ts'
import { connectorFailure } from './connector-failure.ts'
import { type PortSpec, type Surroundings, Vertex } from './vertex.ts'
import type { RestoredVertex, VertexRecord, VertexStates } from './vertex-record.ts'

/** What the job knows and the plan does not. */
export type SinkContext = Pick<WriterContext, 'host' | 'jobId' | 'subtask' | 'parallelism' | 'checkpointed'>

/** What its writer said at a checkpoint's barrier. */
export interface PreparedSink {
  readonly handles: readonly Json[]
  readonly state: WriterState | null
}

export interface SinkAtEnd {
  readonly record: VertexRecord
  readonly states: VertexStates
  readonly handles: readonly Json[]
}

export class SinkVertex extends Vertex {
  readonly sink: Sink
  readonly node: SinkNode
  readonly #context: SinkContext
  #writer: SinkWriter | undefined
  #opened: () => void = () => {}
  /** A sink that had ended before the checkpoint from which it goes on may be asked before its writer is there. */
  readonly #whenOpen = new Promise<void>(resolve => {
    this.#opened = resolve
  })
  #restored: Pick<WriterContext, 'restored' | 'restoredAll' | 'restoredMetas'> = {}
  #turn: Promise<unknown> = Promise.resolve()
  #closed = false
  /** Given up; a writer that is still opening is then let go as soon as it is there. */
  #aborted = false

  constructor(
    id: number,
    node: SinkNode,
    context: SinkContext,
    surroundings: Surroundings,
    ports?: readonly PortSpec[],
  ) {
    super(id, node.sink.label, [{ schema: node.schema }], surroundings, ports)
    this.sink = node.sink as Sink
    this.node = node
    this.#context = context
  }

  async open(): Promise<void> {
    const context: WriterContext = {
      ...this.#context,
      ...this.#restored,
      schema: this.node.schema,
      collection: this.node.input.collection,
      wake: () => this.stalled(),
    }
    const writer = await this.#named(async () => this.sink.open(context))
    if (this.#aborted) return writer.abort()
    this.#writer = writer
    this.#opened()
  }

  /** First phase, once everything is written: durable, not yet visible. */
  prepare(): Promise<{ readonly states: VertexStates; readonly handles: readonly Json[] }> {
    return this.#inTurn(async () => {
      const prepared = await this.#prepare(true)
      return { states: statesOf(prepared), handles: prepared.handles }
    })
  }

  /** The job may come to its end while a sink is still asked what it holds: one after the other. */
  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(step)
    result.catch(() => {}) // also said by whatever comes next: a writer that has failed is asked no more
    this.#turn = result
    return result
  }

  /** What the commit needs, and what a new writer needs to go on behind it. */
  async #prepare(last: boolean): Promise<PreparedSink> {
    return this.#named(async () => {
      const handles = await this.#writer!.prepareCommit(last)
      return { handles, state: this.#context.checkpointed ? (this.#writer!.snapshot?.() ?? null) : null }
    })
  }

  /** Nothing is written until the writer has prepared. */
  protected override onBarrier(epoch: number): void {
    let prepared: PreparedSink | undefined
    let failure: { readonly error: unknown } | undefined
    let began = false
    this.schedule(() => {
      if (failure !== undefined) throw failure.error
      if (prepared !== undefined) {
        const record = { ...this.record(), driver: this.#driverRecord(prepared) }
        this.surroundings.snapshot?.(this, epoch, record, statesOf(prepared), prepared.handles)
        return true
      }
      if (began) return false
      began = true
      this.#prepare(false)
        .then(
          result => (prepared = result),
          error => (failure = { error }),
        )
        .then(() => this.stalled())
      return false
    })
  }

  /** Tells what a sink that has had its last row holds that no checkpoint has yet. */
  atEnd(tell: (of: SinkAtEnd) => void): Promise<void> {
    return this.#inTurn(async () => {
      await this.#whenOpen
      const prepared = await this.#prepare(false)
      const record = { ...this.record(), finished: true, driver: this.#driverRecord(prepared) }
      tell({ record, states: statesOf(prepared), handles: prepared.handles })
    })
  }

  /** What its recovery has to know is small, and goes into the manifest. */
  #driverRecord({ state }: PreparedSink): Json {
    return { ...(this.record().driver as { readonly [name: string]: Json }), writer: state?.meta ?? null }
  }

  /** Before it opens: its writer goes on from what writers said. */
  override restore(from: RestoredVertex): void {
    super.restore(from)
    const states = from.states.get(WRITER)?.map(({ meta, batch }): WriterState => ({ meta, batch })) ?? []
    const alike = !from.moved || from.formerly === this.#context.parallelism
    // The manifest of a job that had finished does not repeat what its parts have of them.
    const told = (from.record.driver as { readonly writers?: readonly Json[] } | null)?.writers
    const writers = told ?? from.states.get(WRITERS)?.map(({ meta }) => meta) ?? []
    this.#restored = alike ? { restored: states[0] } : { restoredAll: states, restoredMetas: writers }
  }

  /** What the sink throws says which sink it was. */
  async #named<T>(step: () => Promise<T>): Promise<T> {
    try {
      return await step()
    } catch (error) {
      throw connectorFailure(error, this.label, this.node.site)
    }
  }

  /** After the commit. */
  async close(): Promise<void> {
    if (this.#aborted || this.#closed) return
    this.#closed = true
    await this.#writer?.close()
  }

  async abort(): Promise<void> {
    if (this.#closed || this.#aborted) return
    this.#aborted = true
    await this.#writer?.abort()
  }

  get site(): CallSite | undefined {
    return this.node.site
  }

  protected process(batch: Batch): void {
    this.rowsOut += batch.length
    try {
      this.#writer!.write(batch)
    } catch (error) {
      throw connectorFailure(error, this.label, this.node.site)
    }
  }

  protected onWatermark(watermark: number): boolean {
    this.#writer!.watermark?.(watermark)
    return true
  }

  /** Epochs may be cut while it still opens. */
  protected wants(): boolean {
    return this.#writer?.ready === true
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
}

/** The name under which a writer's state is among a vertex's states. */
export const WRITER = 'writer'
/** With other subtasks: what all writers said, without their rows. */
export const WRITERS = 'writers'

function statesOf({ state }: PreparedSink): VertexStates {
  return new Map(state === null ? [] : [[WRITER, [{ group: -1, ...state }]]])
}
