import { by, schemaOf, site, sourceOf } from '@millrace/testing/plans'
import { describe, expect, test } from 'vitest'
import { children, inputsOf, withInputs } from './children.ts'
import { column, literal } from './expression/build.ts'
import type { PlanNode, SinkSpec } from './node.ts'
import { sinkNode } from './nodes/ends.ts'
import { joinNode } from './nodes/join.ts'
import { projectNode, whereNode } from './nodes/rows.ts'
import { unionNode } from './nodes/union.ts'
import { clone, nodesOf, rewrite, usesOf } from './traverse.ts'

const sink: SinkSpec = { label: 'blackhole', takes: ['bounded', 'appending', 'updating'] }
const where = (input: PlanNode) => whereNode({ input, predicate: literal(true), site })
const toSink = (input: PlanNode) => sinkNode({ input, sink, site })
const kinds = (nodes: readonly PlanNode[]) => nodes.map(n => n.kind).join(' ')

/** Two sinks; the source feeds a filter and a join, the filter feeds a union twice. */
function diamond() {
  const source = sourceOf('a int32')
  const filtered = where(source)
  const union = unionNode({ inputs: [filtered, filtered, sourceOf('a int32')], site })
  const join = joinNode({ left: union, right: source, how: 'semi', leftKey: by('a'), rightKey: by('a'), site })
  return { source, filtered, union, join, sinks: [toSink(join), toSink(union)] }
}

describe('children', () => {
  test('are found in order', () => {
    const { source, filtered, union, join } = diamond()
    expect(inputsOf(source)).toEqual([])
    expect(inputsOf(filtered)).toEqual([source])
    expect(inputsOf(union)).toHaveLength(3)
    expect(inputsOf(join)).toEqual([union, source])
    expect(Object.keys(children)).toHaveLength(23)
  })
  test('are replaced in order', () => {
    const { source, filtered, union, join } = diamond()
    const other = sourceOf('a int32')
    expect(withInputs(join, [other, source])).toEqual({ ...join, left: other })
    expect(withInputs(join, [source, other])).toMatchObject({ left: source, right: other })
    const changed = withInputs(union, [filtered, other, source])
    expect(changed.inputs).toEqual([filtered, other, source])
    expect(Object.isFrozen(changed) && Object.isFrozen(changed.inputs)).toBe(true)
    expect(withInputs(join, [union, source])).toBe(join)
    expect(withInputs(union, union.inputs)).toBe(union)
  })
})

test('walk visits each node once, inputs first', () => {
  const { sinks, source, filtered } = diamond()
  const nodes = nodesOf(sinks)
  expect(kinds(nodes)).toBe('source where source union join sink sink')
  expect(nodes[0]).toBe(source)
  expect(nodes[1]).toBe(filtered)
})

describe('rewrite', () => {
  test('keeps what is shared shared, and what does not change the same', () => {
    const { sinks, source } = diamond()
    expect(rewrite(sinks, node => node)).toEqual(sinks)
    expect(rewrite(sinks, node => node)[0]).toBe(sinks[0])
    let calls = 0
    const replaced = rewrite(sinks, (node, original) => {
      calls++
      return original === source ? sourceOf('a int32') : node
    })
    expect(calls).toBe(7)
    expect(kinds(nodesOf(replaced))).toBe('source where source union join sink sink')
    expect(nodesOf(replaced).filter((node, i) => node === nodesOf(sinks)[i])).toHaveLength(1)
  })
  test('gives the change its inputs already changed', () => {
    const top = where(where(sourceOf('a int32, b text')))
    const narrow = (input: PlanNode) =>
      projectNode({ input, columns: [{ name: 'a', expression: column(input.schema, 'a') }], site })
    const [changed] = rewrite([top], node => (node.kind === 'where' ? where(narrow(node.input)) : node))
    expect(kinds(nodesOf([changed!]))).toBe('source project where project where')
    expect(changed!.schema).toEqual(schemaOf('a int32'))
  })
})

test('a clone shares nothing with its original but the same within', () => {
  const { sinks } = diamond()
  const copies = clone(sinks)
  expect(copies).toEqual(sinks)
  const nodes = new Set(nodesOf(sinks))
  expect(nodesOf(copies).filter(node => nodes.has(node))).toEqual([])
  expect(nodesOf(copies)).toHaveLength(nodes.size)
  expect(nodesOf(copies).every(Object.isFrozen)).toBe(true)
})

test('uses count inputs and places', () => {
  const { sinks, source, filtered, union, join } = diamond()
  const uses = usesOf([...sinks, union])
  expect([source, filtered, union, join, sinks[0]!].map(node => uses.get(node))).toEqual([2, 2, 3, 1, 1])
})
