/**
 * Alignment of streams by watermark: those that are ahead of the slowest wait, so that rows of one time are read at
 * about the same time and state between them stays small. Streams that are idle or have ended are not waited for; and
 * a source that the slowest stream itself waits for, or a join that has yet to read its build side, never waits. With
 * several sites the slowest may be elsewhere: `AlignmentBoard`.
 */
import type { OperatorVertex } from './operator-vertex.ts'
import type { SourceVertex } from './source-vertex.ts'

/** How far the aligned streams of a job have come, as its sites tell one another. */
export interface AlignmentBoard {
  /** How far a node's stream is on this site; +Infinity: it is idle or has ended, and nobody is to wait for it. */
  publish(node: number, time: number): void
  /** The stream of another site that is furthest behind; undefined where none is to be waited for. */
  slowestElsewhere(): { readonly node: number; readonly time: number } | undefined
}

export class Alignment {
  readonly #operators: readonly OperatorVertex[]
  readonly #aligned: readonly OperatorVertex[]
  readonly #board: AlignmentBoard | undefined
  readonly #above = new Map<SourceVertex, readonly OperatorVertex[]>()

  constructor(operators: readonly OperatorVertex[], board?: AlignmentBoard) {
    this.#operators = operators
    this.#board = board
    this.#aligned = operators.filter(o => o.spec.alignMs !== undefined)
  }

  /** Whether the source feeds a stream whose watermark is too far ahead of another's. */
  holdsBack(source: SourceVertex): boolean {
    if (this.#aligned.length < (this.#board === undefined ? 2 : 1)) return false
    let slowest = this.#board?.slowestElsewhere()
    for (const operator of this.#aligned) {
      const time = timeOf(operator)
      if (time < (slowest?.time ?? Number.POSITIVE_INFINITY)) slowest = { node: operator.id, time }
    }
    if (slowest === undefined) return false
    const { node, time } = slowest
    const fed = this.#fedBy(source)
    if (fed.some(o => o.id === node) || this.#feedsBuild(source)) return false
    return fed.some(o => !o.ended && o.sentWatermark > time + o.spec.alignMs!)
  }

  /** Tells the other sites how far the streams are here. */
  publish(): void {
    if (this.#board !== undefined) for (const o of this.#aligned) this.#board.publish(o.id, timeOf(o))
  }

  #feedsBuild(source: SourceVertex): boolean {
    return this.#operators.some(o => o.building.some(input => source.feeds(input)))
  }

  #fedBy(source: SourceVertex): readonly OperatorVertex[] {
    let fed = this.#above.get(source)
    if (fed === undefined) {
      fed = this.#aligned.filter(o => o.inputs.some(input => source.feeds(input)))
      this.#above.set(source, fed)
    }
    return fed
  }
}

/** How far a stream is; +Infinity if nobody is to wait for it. */
function timeOf(operator: OperatorVertex): number {
  return operator.ended || operator.sentIdle ? Number.POSITIVE_INFINITY : operator.sentWatermark
}
