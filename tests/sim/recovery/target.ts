/**
 * Where a simulated sink writes: durable contents outside of the job, in two phases. What writers have prepared is staged
 * under handles; a commit makes it visible, one handle after the other. Each process has a sink of its own to the same target.
 */
import { type Batch, BatchBuilder } from '@millrace/algebra'
import type { CollectionKind } from '@millrace/plan'
import type { Host, Json, Recovery, Sink, SinkWriter, WriterContext, WriterJob } from '@millrace/runtime'
import { type Row, shown } from './load.ts'
import type { Outside } from './replayed-source.ts'

export type Changes = readonly (readonly [row: string, weight: number])[]

export interface Staged {
  readonly jobId: string
  readonly process: number
  readonly changes: Changes
}

/** What becomes visible, for who audits. */
export interface Witness {
  /** Before it is. */
  shows(target: Target, handle: string, staged: Staged | undefined): void
}

export interface TargetOptions {
  readonly name: string
  readonly place: 'workers' | 'one' | 'caller'
  /** After a batch it takes no other for up to so long. */
  readonly pauseMs: number
  /** So many rows may be kept back for the next commit. */
  readonly keeps: number
}

export class Target {
  readonly options: TargetOptions
  readonly staged = new Map<string, Staged>()
  readonly committed = new Set<string>()
  readonly #witness: Witness
  #handles = 0

  constructor(options: TargetOptions, witness: Witness) {
    this.options = options
    this.#witness = witness
  }

  stage(staged: Staged): string {
    const handle = `${this.options.name}-${this.#handles++}`
    this.staged.set(handle, staged)
    return handle
  }

  show(handle: string): void {
    if (this.committed.has(handle)) return
    this.#witness.shows(this, handle, this.staged.get(handle))
    this.committed.add(handle)
    this.staged.delete(handle)
  }

  remove(jobId: string, keep: (handle: string) => boolean): void {
    for (const [handle, staged] of this.staged) if (staged.jobId === jobId && !keep(handle)) this.staged.delete(handle)
  }
}

/** The sink of a process: `host` is where it commits. */
export function sinkTo(target: Target, process: number, host: Host, outside: Outside): Sink {
  const { name: label, place } = target.options
  const step = (): Promise<void> => new Promise(resolve => host.timer(host.now() + host.random() * 5, resolve))
  return {
    label,
    takes: ['bounded', 'appending', 'updating'] satisfies CollectionKind[],
    place,
    open: async context => {
      await context.host.yield()
      return new TargetWriter(target, process, context, outside)
    },
    commit: async handles => {
      outside.mark('commit')
      for (const handle of handles as readonly string[]) {
        await step()
        outside.failIf('commit')
        target.show(handle)
      }
      await step()
    },
    recover: async ({ jobId, handles }: Recovery) => {
      outside.mark('recover')
      await step()
      target.remove(jobId, handle => handles.includes(handle))
    },
    discard: async ({ jobId }: WriterJob) => {
      await step()
      target.remove(jobId, () => false)
    },
  }
}

class TargetWriter implements SinkWriter {
  ready = true
  readonly #target: Target
  readonly #process: number
  readonly #context: WriterContext
  readonly #outside: Outside
  /** Written and not prepared, each with its row. */
  #written: { readonly row: Row; readonly weight: number }[] = []
  #cancel: (() => void) | undefined
  #preparing = false

  constructor(target: Target, process: number, context: WriterContext, outside: Outside) {
    this.#target = target
    this.#process = process
    this.#context = context
    this.#outside = outside
    for (const { batch } of [context.restored, ...(context.restoredAll ?? [])].filter(state => state !== undefined))
      if (batch !== null) this.#take(batch)
  }

  write(batch: Batch): void {
    if (!this.ready || this.#preparing) throw new RangeError('written to while it is not ready')
    this.#outside.failIf('write')
    this.#take(batch)
    const { pauseMs } = this.#target.options
    if (pauseMs === 0) return
    const { host, wake } = this.#context
    this.ready = false
    this.#cancel = host.timer(host.now() + host.random() * pauseMs, () => {
      this.ready = true
      wake()
    })
  }

  #take(batch: Batch): void {
    for (let i = 0; i < batch.length; i++) this.#written.push({ row: batch.row(i) as Row, weight: batch.weight(i) })
  }

  async prepareCommit(last = false): Promise<readonly Json[]> {
    if (this.#preparing) throw new RangeError('asked for two things at once')
    this.#preparing = true
    this.#outside.mark(last ? 'last preparation' : 'prepare')
    const { host, jobId } = this.#context
    await new Promise<void>(resolve => host.timer(host.now() + host.random() * 20, resolve))
    this.#outside.failIf('prepare')
    this.#preparing = false
    // Changes of a key that other writers go on with must not come after theirs.
    const keeps = last || this.#context.collection === 'updating' ? 0 : this.#target.options.keeps
    const kept = Math.min(keeps, this.#written.length)
    const given = this.#written.splice(0, this.#written.length - kept)
    if (given.length === 0) return []
    const changes = given.map(({ row, weight }) => [shown(row), weight] as const)
    return [this.#target.stage({ jobId, process: this.#process, changes })]
  }

  snapshot() {
    const builder = new BatchBuilder(this.#context.schema)
    for (const { row, weight } of this.#written) builder.append(row, weight)
    return { meta: { kept: this.#written.length }, batch: this.#written.length === 0 ? null : builder.build() }
  }

  async abort(): Promise<void> {
    this.#cancel?.()
  }

  async close(): Promise<void> {
    this.#cancel?.()
  }
}
