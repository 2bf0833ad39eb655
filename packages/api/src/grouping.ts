import type { KeySpec, PlanNode, WindowSpec } from '@millrace/plan'
import type { Scope } from './scope.ts'

/** What `keyBy` and `window` have settled, before there is a step. */
export interface Grouping {
  readonly scope: Scope
  readonly input: PlanNode
  readonly key: KeySpec
  readonly window: WindowSpec | null
}

export interface WindowGrouping extends Grouping {
  readonly window: WindowSpec
}
