/**
 * Alignment of streams by watermark: those that are ahead of the slowest wait, so that rows of one time are read at
 * about the same time and state between them stays small. Streams that are idle or have ended are not waited for; and
 * a source that the slowest stream itself waits for, or a join that has yet to read its build side, never waits.
 */
import type { OperatorVertex } from './operator-vertex.ts'
import type { SourceVertex } from './source-vertex.ts'

export class Alignment {
  readonly #operators: readonly OperatorVertex[]
  readonly #aligned: readonly OperatorVertex[]
  readonly #above = new Map<SourceVertex, readonly OperatorVertex[]>()

  constructor(operators: readonly OperatorVertex[]) {
    this.#operators = operators
    this.#aligned = operators.filter(o => o.spec.alignMs !== undefined)
  }

  /** Whether the source feeds a stream whose watermark is too far ahead of another's. */
  holdsBack(source: SourceVertex): boolean {
    if (this.#aligned.length < 2) return false
    let slowest: OperatorVertex | undefined
    for (const operator of this.#aligned) {
      if (operator.ended || operator.sentIdle) continue
      if (slowest === undefined || operator.sentWatermark < slowest.sentWatermark) slowest = operator
    }
    const fed = this.#fedBy(source)
    if (slowest === undefined || fed.includes(slowest) || this.#feedsBuild(source)) return false
    const least = slowest.sentWatermark
    return fed.some(o => !o.ended && o.sentWatermark > least + o.spec.alignMs!)
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
