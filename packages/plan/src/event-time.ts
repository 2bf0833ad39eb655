/** Whether the rows of a node carry event time: windows and time-based joins need it. */
import { MillraceError } from './error.ts'
import type { PlanNode } from './node.ts'

/**
 * True where every row has a time. Operators of single rows keep it, window results have their window's end. A joined
 * row has the later of its two times: a side that ends may lack them, unless its rows may come out alone; one that does
 * not end may not.
 */
export function hasEventTime(node: PlanNode): boolean {
  switch (node.kind) {
    case 'eventTime':
      return true
    case 'source':
      return node.source.timed === true
    case 'union':
      return node.inputs.every(hasEventTime)
    case 'join': {
      const [left, right] = [hasEventTime(node.left), hasEventTime(node.right)]
      const leftMust = node.left.collection !== 'bounded' || (node.how !== 'inner' && node.how !== 'right')
      const rightMust = node.right.collection !== 'bounded' || node.how === 'right' || node.how === 'full'
      return (left || right) && (left || !leftMust) && (right || !rightMust)
    }
    case 'aggregate':
    case 'reduce':
      return node.window !== null
    case 'side':
      return hasOwnSides(node.input) ? hasEventTime(node.input) : node.side === 'late'
    default:
      return hasEventTime(node.input)
  }
}

/** Its side outputs are what a user's function writes. */
export function hasOwnSides({ kind }: PlanNode): boolean {
  return kind === 'process' || kind === 'connectBroadcast'
}

/** Throws MISSING_EVENT_TIME unless the rows carry it. */
export function requireEventTime(input: PlanNode, what: string, site: PlanNode['site']): void {
  if (hasEventTime(input)) return
  throw new MillraceError('MISSING_EVENT_TIME', `missing event time: ${what} needs to know when each row happened`, {
    hint: 'say so before it, with .eventTime(row => row.time, { disorder: ... })',
    site,
  })
}
