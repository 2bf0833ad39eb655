/**
 * Identities of nodes, by which state finds its operator again: the name the user gave, or kind and number.
 *
 * Numbers count within a kind, inputs first, so that adding a filter to a program does not renumber its joins.
 */
import { MillraceError } from './error.ts'
import type { PlanNode } from './node.ts'
import { quoteName } from './suggestion.ts'
import { nodesOf } from './traverse.ts'

/** A unique name for every node, inputs first. Throws INVALID_ARGUMENT where two nodes were given one name. */
export function identify(nodes: readonly PlanNode[]): ReadonlyMap<PlanNode, string> {
  const all = nodesOf(nodes)
  const taken = new Set<string>()
  for (const { name, site } of all) {
    if (name === undefined) continue
    if (taken.has(name))
      throw new MillraceError('INVALID_ARGUMENT', `invalid name: ${quoteName(name)} is given twice`, {
        site,
        hint: 'a name is how state finds its operator again: give each its own',
      })
    taken.add(name)
  }
  const counts = new Map<string, number>()
  const numbered = (kind: string): string => {
    const count = (counts.get(kind) ?? 0) + 1
    counts.set(kind, count)
    const id = `${kind}#${count}`
    return taken.has(id) ? numbered(kind) : id
  }
  return new Map(all.map(node => [node, node.name ?? numbered(node.kind)]))
}
