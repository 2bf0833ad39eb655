/**
 * A site's share of a checkpoint, gathered vertex by vertex.
 *
 * A vertex that has yet to see the barrier says where it stands when it does. One that says its last without having seen
 * it, since all it read from had ended before theirs, has nothing to remember. When each has done one or the other, and the
 * sources here were cut, the share is complete.
 */
import type { Json, NumberedSplit } from '../source.ts'
import type { Capture } from '../state/capture.ts'
import { type SinkAtEnd, SinkVertex } from './sink-vertex.ts'
import type { SourceVertex } from './source-vertex.ts'
import type { Vertex } from './vertex.ts'
import type { VertexRecord, VertexStates } from './vertex-record.ts'

export interface VertexSnapshot {
  readonly node: number
  readonly record: VertexRecord
  readonly states: VertexStates | Capture
}

export interface SiteSnapshot {
  readonly epoch: number
  readonly vertices: readonly VertexSnapshot[]
  readonly splits: readonly (readonly [node: number, splits: readonly NumberedSplit[]])[]
}

/** By sink, what its commit is to be given. */
export type PreparedHandles = readonly (readonly [sink: number, handles: readonly Json[]])[]

/** Takes what sinks have prepared, whatever becomes of the checkpoint. */
export type TakeHandles = (node: number, handles: readonly Json[]) => void

const NO_STATES: VertexStates = new Map()

export class SnapshotGathering {
  readonly epoch: number
  readonly #vertices: readonly Vertex[]
  readonly #take: TakeHandles
  readonly #said = new Map<Vertex, VertexSnapshot>()
  readonly #splits: [number, readonly NumberedSplit[]][] = []
  /** Sinks that have ended, and are asked what they hold. */
  readonly #asked = new Set<Vertex>()
  #cut = false
  #over = false

  constructor(epoch: number, vertices: readonly Vertex[], take: TakeHandles) {
    this.epoch = epoch
    this.#vertices = vertices
    this.#take = take
  }

  /** The sources were cut; before that, rows that belong to the checkpoint may still be read. */
  cut(sources: readonly SourceVertex[]): void {
    for (const source of sources) if (!source.ended) this.#splits.push([source.id, source.remaining])
    this.#cut = true
  }

  /** It has neither said where it stands nor its last. */
  awaits(vertex: Vertex): boolean {
    return !this.#said.has(vertex)
  }

  say(vertex: Vertex, record: VertexRecord, states: VertexStates | Capture, handles: readonly Json[]): void {
    this.#said.set(vertex, { node: vertex.id, record, states })
    if (handles.length > 0) this.#take(vertex.id, handles)
  }

  /** The share, once it is complete; given once. `wake` is called when it may have become so. */
  complete(wake: (error?: unknown) => void): SiteSnapshot | undefined {
    if (this.#over || !this.#cut) return undefined
    let waits = false
    for (const vertex of this.#vertices) {
      if (this.#said.has(vertex)) continue
      // One that was stopped has not come to its end: there is no checkpoint that says so.
      if (!vertex.ended || vertex.stopped) waits = true
      else if (vertex instanceof SinkVertex) {
        this.#ask(vertex, wake)
        waits = true
      } else this.#finished(vertex)
    }
    if (waits) return undefined
    this.#over = true
    return { epoch: this.epoch, vertices: [...this.#said.values()], splits: this.#splits }
  }

  #ask(sink: SinkVertex, wake: (error?: unknown) => void): void {
    if (this.#asked.has(sink)) return
    this.#asked.add(sink)
    const told = ({ record, states, handles }: SinkAtEnd): void => {
      this.say(sink, record, states, handles)
      wake()
    }
    sink.atEnd(told).catch(wake)
  }

  #finished(vertex: Vertex): void {
    const { watermark } = vertex.record()
    this.say(vertex, { finished: true, watermark, driver: null }, NO_STATES, [])
  }
}
