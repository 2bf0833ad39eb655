/** The fingerprint of a plan: two programs with one fingerprint build the same plan. */
import { createHash } from 'node:crypto'
import type { PlanNode } from '../node.ts'
import { toJSON } from './json.ts'

/**
 * 32 hexadecimal digits of the SHA-256 of the plan's JSON without call sites. It sees the names of functions, not
 * what they do: workers that compare fingerprints run one bundle.
 */
export function fingerprint(plan: readonly PlanNode[]): string {
  return createHash('sha256')
    .update(JSON.stringify(toJSON(plan, { sites: false })))
    .digest('hex')
    .slice(0, 32)
}
