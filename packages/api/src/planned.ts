/** The one way into the plan's factories: it knows where the user wrote the line, and says so in every error. */
import { type CallSite, callSite, MillraceError, type PlanNode } from '@millrace/plan'

/** Makes the node of a step that was written there. */
export type Step = (site: CallSite | undefined) => PlanNode

/** Runs what builds a step and adds call site and operator to its errors. */
export function planned<N>(operator: string, make: (site: CallSite | undefined) => N): N {
  const site = callSite()
  try {
    return make(site)
  } catch (error) {
    throw error instanceof MillraceError ? error.with({ site, operator }) : error
  }
}
