import { isDeepStrictEqual } from 'node:util'
import { type RandomPlan, randomPlans } from '@millrace/testing/random-plans'
import { interpret, type Tables } from '@millrace/testing/reference/plan'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MillraceError } from '../error.ts'
import type { PlanNode } from '../node.ts'
import { explain } from '../show/explain.ts'
import { nodesOf } from '../traverse.ts'
import { optimise } from './optimise.ts'

/** The rows of each root, or that the plan fails: of a plan that may, the optimised one may fail less. */
function outcome(plan: readonly PlanNode[], tables: Tables): unknown[][] | 'fails' {
  try {
    return interpret(plan, tables)
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'INVALID_VALUE') return 'fails'
    throw error
  }
}

/** How many nodes of each kind: only those may come and go that keep nothing and call nobody. */
function counted(plan: readonly PlanNode[]): Record<string, number> {
  const kinds = nodesOf(plan).map(node => node.kind)
  const lasting = kinds.filter(kind => kind !== 'where' && kind !== 'project')
  return Object.fromEntries(lasting.map(kind => [kind, kinds.filter(k => k === kind).length]))
}

/** What the rules did, over all plans: the property says nothing of plans that nothing was done to. */
const seen = { failing: 0, changed: 0, intoSources: 0, pruned: 0, joins: 0, late: 0 }

// Counterexamples of generated plans do not shrink well: small plans come first instead.
test.each([2, 4, 8, 14])(
  'a plan of at most %i steps gives the same rows, in the same order, before and after',
  size => {
    const check = ({ plan, tables }: RandomPlan) => {
      const before = outcome(plan, tables)
      const optimised = optimise(plan)
      const after = outcome(optimised, tables)
      if (before === 'fails') seen.failing++
      else if (!isDeepStrictEqual(after, before))
        expect({ plan: explain(optimised), rows: after }).toEqual({ plan: explain(plan), rows: before })
      if (optimised.some((node, i) => node !== plan[i])) seen.changed++
      expect(optimised.map(node => node.schema)).toEqual(plan.map(node => node.schema))
      expect(counted(optimised)).toEqual(counted(plan))
      for (const node of nodesOf(optimised)) {
        expect(node.schema.fields.length).toBeGreaterThan(0)
        if (node.kind === 'join') seen.joins++
        if (node.kind === 'side') seen.late++
        if (node.kind !== 'source') continue
        if (node.predicates.length > 0) seen.intoSources++
        if (node.columns.length < node.source.schema.fields.length) seen.pruned++
      }
    }
    fc.assert(fc.property(randomPlans({ size }), check), { numRuns: 200, endOnFailure: true })
  },
)

test('the plans above were worth optimising', () => {
  expect(seen.changed).toBeGreaterThan(300)
  expect(seen.intoSources).toBeGreaterThan(20)
  expect(seen.pruned).toBeGreaterThan(100)
  expect(seen.joins).toBeGreaterThan(100)
  expect(seen.late).toBeGreaterThan(5)
  expect(seen.failing).toBeLessThan(300)
})
