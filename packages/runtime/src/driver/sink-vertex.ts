/** The vertex around a sink's writer: it accepts rows while the writer is ready, and commits when the job says so. */
import type { Batch, Schema } from '@millrace/algebra'
import type { CallSite, SinkNode } from '@millrace/plan'
import type { Host } from '../host/host.ts'
import type { Sink, SinkWriter } from '../sink.ts'
import type { Json } from '../source.ts'
import { type Surroundings, Vertex } from './vertex.ts'

export class SinkVertex extends Vertex {
  readonly sink: Sink
  readonly node: SinkNode
  readonly #schema: Schema
  #writer: SinkWriter | undefined
  #handles: readonly Json[] = []
  #committed = false
  /** Given up; a writer that is still opening is then let go as soon as it is there. */
  #aborted = false

  constructor(id: number, node: SinkNode, schema: Schema, surroundings: Surroundings) {
    super(id, node.sink.label, [{ schema }], surroundings)
    this.sink = node.sink as Sink
    this.node = node
    this.#schema = schema
  }

  async open(host: Host, jobId: string): Promise<void> {
    const writer = await this.sink.open({
      host,
      jobId,
      schema: this.#schema,
      collection: this.node.input.collection,
      subtask: 0,
      parallelism: 1,
      wake: () => this.stalled(),
    })
    if (this.#aborted) return writer.abort()
    this.#writer = writer
  }

  /** First phase, once everything is written: durable, not yet visible. */
  async prepare(): Promise<void> {
    this.#handles = await this.#writer!.prepareCommit()
  }

  /** Second phase. Returns the number of handles made visible. */
  async commit(): Promise<number> {
    await this.sink.commit(this.#handles)
    this.#committed = true
    await this.#writer!.close()
    return this.#handles.length
  }

  async abort(): Promise<void> {
    this.#aborted = true
    if (this.#writer !== undefined && !this.#committed) await this.#writer.abort()
  }

  get site(): CallSite | undefined {
    return this.node.site
  }

  protected process(batch: Batch): void {
    this.rowsOut += batch.length
    this.#writer!.write(batch)
  }

  protected onWatermark(watermark: number): boolean {
    this.#writer!.watermark?.(watermark)
    return true
  }

  protected wants(): boolean {
    return this.#writer!.ready
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
