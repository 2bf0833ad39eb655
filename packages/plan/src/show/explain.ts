/** The plan as a tree of text: what each node does, which kind of collection it is, and where it was written. */
import { inputsOf } from '../children.ts'
import { identify } from '../identity.ts'
import type { PlanNode } from '../node.ts'
import { usesOf } from '../traverse.ts'
import { describe } from './describe.ts'

/**
 * One line a node, inputs below their consumer. A node with several consumers is shown below the first, with an
 * identity by which the others refer to it.
 */
export function explain(plan: readonly PlanNode[]): string {
  const identities = identify(plan)
  const uses = usesOf(plan)
  const shown = new Set<PlanNode>()
  const lines: string[] = []
  const show = (node: PlanNode, first: string, below: string) => {
    const shared = uses.get(node)! > 1
    if (shown.has(node)) {
      lines.push(`${first}${identities.get(node)} (above)`)
      return
    }
    shown.add(node)
    const label = shared || node.name !== undefined ? `${identities.get(node)}: ` : ''
    lines.push(first + label + lineOf(node))
    const inputs = inputsOf(node)
    for (const [i, input] of inputs.entries()) {
      const last = i === inputs.length - 1
      show(input, `${below}${last ? '└─ ' : '├─ '}`, `${below}${last ? '   ' : '│  '}`)
    }
  }
  for (const node of plan) show(node, '', '')
  return lines.join('\n')
}

function lineOf(node: PlanNode): string {
  const { collection, site } = node
  const at = site === undefined ? '' : `  at ${site.file}:${site.line}:${site.column}`
  return `${describe(node)}  [${collection}]${at}`
}
