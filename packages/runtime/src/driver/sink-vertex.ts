/** The vertex around a sink's writer: it accepts rows while the writer is ready, and prepares when the job says so. */
import type { Batch } from '@millrace/algebra'
import type { CallSite, SinkNode } from '@millrace/plan'
import type { Sink, SinkWriter, WriterContext } from '../sink.ts'
import type { Json } from '../source.ts'
import { connectorFailure } from './connector-failure.ts'
import { type PortSpec, type Surroundings, Vertex } from './vertex.ts'

/** What the job knows and the plan does not. */
export type SinkContext = Pick<WriterContext, 'host' | 'jobId' | 'subtask' | 'parallelism'>

export class SinkVertex extends Vertex {
  readonly sink: Sink
  readonly node: SinkNode
  readonly #context: SinkContext
  #writer: SinkWriter | undefined
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
      schema: this.node.schema,
      collection: this.node.input.collection,
      checkpointed: false,
      wake: () => this.stalled(),
    }
    const writer = await this.#named(async () => this.sink.open(context))
    if (this.#aborted) return writer.abort()
    this.#writer = writer
  }

  /** First phase, once everything is written: durable, not yet visible. Returns what the commit needs. */
  prepare(): Promise<readonly Json[]> {
    return this.#named(async () => this.#writer!.prepareCommit())
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
