/** Joined rows of objects whose columns are not known when the plan is built. */
import type { CallSite } from '../call-site.ts'
import { MillraceError } from '../error.ts'
import { shown } from '../expression/order.ts'
import { quoteName } from '../suggestion.ts'

/**
 * A function that puts the properties of two rows, either null where absent, into one. `shared` names are equal on
 * both sides. The function throws COLUMN_CLASH where another name is on both, INVALID_ROW for what is no object.
 */
export function mergeRows(shared: readonly string[], prefix: string, site: CallSite | undefined) {
  const once = new Set(shared)
  return function mergedRows(left: unknown, right: unknown): Record<string, unknown> {
    const row = new Map(left === null ? [] : entries(left, site))
    for (const [name, value] of right === null ? [] : entries(right, site)) {
      const column = prefix + name
      if (!row.has(column)) row.set(column, value)
      else if (!once.has(name))
        throw new MillraceError('COLUMN_CLASH', `invalid columns: both sides have ${quoteName(column)}`, {
          site,
          hint: 'give a prefix for the columns of the right: { prefix: "right_" }',
        })
    }
    return Object.fromEntries(row)
  }
}

function entries(row: unknown, site: CallSite | undefined): [string, unknown][] {
  if (typeof row === 'object' && row !== null) return Object.entries(row)
  throw new MillraceError('INVALID_ROW', `invalid row of a join: ${shown(row)}`, {
    site,
    hint: 'only objects can be put side by side: .join(other, options, (left, right) => ...)',
  })
}
