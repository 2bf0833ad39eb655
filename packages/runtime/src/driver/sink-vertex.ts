/** The vertex around a sink's writer: it accepts rows while the writer is ready, and commits when the job says so. */
import type { Batch, Schema } from '@millrace/algebra'
import type { CallSite, SinkNode } from '@millrace/plan'
import type { Host } from '../host/host.ts'
import type { Sink, SinkWriter } from '../sink.ts'
import { type Surroundings, Vertex } from './vertex.ts'

export class SinkVertex extends Vertex {
  readonly sink: Sink
  readonly node: SinkNode
  readonly #schema: Schema
  #writer: SinkWriter | undefined
  #committed = false

  constructor(id: number, node: SinkNode, schema: Schema, surroundings: Surroundings) {
    super(id, node.sink.label, [{ schema }], surroundings)
    this.sink = node.sink as Sink
    this.node = node
    this.#schema = schema
  }

  async open(host: Host): Promise<void> {
    this.#writer = await this.sink.open({
      host,
      schema: this.#schema,
      collection: this.node.input.collection,
      subtask: 0,
      parallelism: 1,
      wake: () => this.stalled(),
    })
  }

  /** Both phases, once everything is written. Returns the number of handles made visible. */
  async commit(): Promise<number> {
    const writer = this.#writer!
    const handles = await writer.prepareCommit()
    await writer.commit(handles)
    this.#committed = true
    await writer.close()
    return handles.length
  }

  async abort(): Promise<void> {
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
