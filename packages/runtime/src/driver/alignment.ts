/**
 * Alignment of streams by watermark: those that are ahead of the slowest wait, so that rows of one time are read at
 * about the same time and state between them stays small. Streams that are idle or have ended are not waited for.
 */
import type { OperatorVertex } from './operator-vertex.ts'
import type { SourceVertex } from './source-vertex.ts'

export class Alignment {
  readonly #aligned: readonly OperatorVertex[]
  readonly #above = new Map<SourceVertex, readonly OperatorVertex[]>()

  constructor(operators: readonly OperatorVertex[]) {
    this.#aligned = operators.filter(o => o.spec.alignMs !== undefined)
  }

  /** Whether the source feeds a stream whose watermark is too far ahead of another's. */
  holdsBack(source: SourceVertex): boolean {
    if (this.#aligned.length < 2) return false
    let least = Number.POSITIVE_INFINITY
    for (const { ended, sentIdle, sentWatermark } of this.#aligned)
      if (!ended && !sentIdle && sentWatermark < least) least = sentWatermark
    return this.#fedBy(source).some(o => !o.ended && o.sentWatermark > least + o.spec.alignMs!)
  }

  #fedBy(source: SourceVertex): readonly OperatorVertex[] {
    let fed = this.#above.get(source)
    if (fed === undefined) {
      fed = this.#aligned.filter(o => source.downstream.some(input => o.inputs.includes(input)))
      this.#above.set(source, fed)
    }
    return fed
  }
}
