import { shapeOf, site, sourceOf } from '@millrace/testing/plans'
import { expect, test } from 'vitest'
import { call, column, literal } from '../expression/build.ts'
import type { Expression } from '../expression/expression.ts'
import type { PlanNode } from '../node.ts'
import { projectNode } from '../nodes/rows.ts'
import { mergeProjections } from './merge.ts'

const source = sourceOf('a int32, b int32, t text', { label: 't', bounded: true })
/** Columns by name: the input's of that name or another, or an expression. */
function project(input: PlanNode, columns: Record<string, string | Expression>, name?: string): PlanNode {
  const made = Object.entries(columns).map(([as, of]) => ({
    name: as,
    expression: typeof of === 'string' ? column(input.schema, of) : of,
  }))
  return projectNode({ input, columns: made, site, name })
}
const doubled = (input: PlanNode, name: string) => call('times', [column(input.schema, name), literal(2)])
const merged = (...plan: PlanNode[]) => shapeOf(...mergeProjections(plan))
const t = '└─ source t: a, b, t'

test('projections in a row become one', () => {
  const first = project(source, { x: 'a', y: doubled(source, 'b'), t: 't' })
  const second = project(first, { z: doubled(first, 'y'), w: 'x' })
  expect(merged(second)).toBe(`project z = b * 2 * 2, w = a\n${t}`)
  expect(merged(project(second, { w: 'w' }))).toBe(`project w = a\n${t}`)
})

test('what is computed once is not computed twice', () => {
  const first = project(source, { x: doubled(source, 'a'), y: 'b' })
  expect(merged(project(first, { p: 'x', q: 'x' }))).toBe(`project p = x, q = x\n└─ project x = a * 2, y = b\n   ${t}`)
  const square = call('times', [column(first.schema, 'x'), column(first.schema, 'x')])
  expect(merged(project(first, { p: square }))).toMatch(/^project p = x \* x\n└─ project/)
  expect(merged(project(first, { p: 'y', q: 'y', r: 'x' }))).toBe(`project p = b, q = b, r = a * 2\n${t}`)
})

test('what others use is left', () => {
  const first = project(source, { x: 'a' })
  expect(merged(project(first, { y: 'x' }), first)).toMatch(/^project y = x\n└─ project#2|^project y = x\n└─ project#1/)
})

test('two names stay two nodes, one is kept', () => {
  const first = project(source, { x: 'a' }, 'first')
  expect(merged(project(first, { y: 'x' }, 'second'))).toBe(`second: project y = x\n└─ first: project x = a\n   ${t}`)
  expect(merged(project(first, { y: 'x' }))).toBe(`first: project y = a\n${t}`)
  expect(merged(project(project(source, { x: 'a' }), { y: 'x' }, 'second'))).toBe(`second: project y = a\n${t}`)
})

test('a projection of what is there already goes', () => {
  expect(mergeProjections([project(source, { a: 'a', b: 'b', t: 't' })])).toEqual([source])
  for (const columns of [
    { a: 'b', b: 'a', t: 't' },
    { b: 'b', a: 'a', t: 't' },
    { a: 'a', b: 'b' },
  ])
    expect(merged(project(source, columns))).toMatch(/^project/)
  expect(merged(project(source, { a: 'a', b: 'b', t: 't' }, 'named'))).toMatch(/^named: project/)
  const swapped = project(source, { a: 'b', b: 'a', t: 't' })
  expect(mergeProjections([project(swapped, { a: 'b', b: 'a', t: 't' })])).toEqual([source])
})
