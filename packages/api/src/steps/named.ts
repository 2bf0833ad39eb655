import { MillraceError, type PlanNode } from '@millrace/plan'
import { planned } from '../planned.ts'

/** The same step under a name. */
export function named(node: PlanNode, name: string): PlanNode {
  return planned('named', () => {
    if (typeof name !== 'string' || name === '')
      throw new MillraceError('INVALID_ARGUMENT', `invalid name: ${JSON.stringify(name) ?? String(name)}`)
    return Object.freeze({ ...node, name })
  })
}
