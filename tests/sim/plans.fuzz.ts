/**
 * Whole jobs on the simulated Host: random plans over random tables, cut into batches of 1 to 7 rows, read in an order
 * drawn from the seed, with generated code and without, give what the plan means.
 */
import { isDeepStrictEqual } from 'node:util'
import { BatchBuilder } from '@millrace/algebra'
import { memorySink } from '@millrace/connectors'
import {
  evaluate,
  hasEventTime,
  inputsOf,
  MillraceError,
  type NodeOf,
  nodesOf,
  type PlanNode,
  rewrite,
  sinkNode,
} from '@millrace/plan'
import { execute, type Source } from '@millrace/runtime'
import { SimulatedHost } from '@millrace/runtime/inside'
import { randomPlans } from '@millrace/testing/random-plans'
import { interpret, type Tables } from '@millrace/testing/reference/plan'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const ordered = new Set([
  'source',
  'map',
  'filter',
  'flatMap',
  'where',
  'project',
  'sort',
  'stream',
  'limit',
  'eventTime',
])

/** Keeps or needs an order of rows where none is promised. */
function needsOrder(node: PlanNode): boolean {
  const picks =
    node.kind === 'limit' ||
    node.kind === 'reduce' ||
    node.kind === 'eventTime' ||
    (node.kind === 'distinct' && node.key !== null)
  return (picks && !inputsOf(node).every(hasOrder)) || inputsOf(node).some(needsOrder)
}

function hasOrder(node: PlanNode): boolean {
  return ordered.has(node.kind) && inputsOf(node).every(hasOrder)
}

/** Adds up doubles where no order is promised: what is rounded away depends on it. */
function roundsByOrder(node: PlanNode): boolean {
  const rounds =
    node.kind === 'aggregate' &&
    node.aggregates.some(
      ({ aggregate, argument }) => argument?.type.kind === 'double' && (aggregate === 'sum' || aggregate === 'avg'),
    )
  return (rounds && !inputsOf(node).every(hasOrder)) || inputsOf(node).some(roundsByOrder)
}

/** Windows over rows that come by several channels: which of them are late may depend on the order of reading. */
function interleaves(node: PlanNode): boolean {
  const windowed = 'window' in node && node.window !== null
  const united = (n: PlanNode) => n.kind === 'union' && hasEventTime(n) && new Set(n.inputs).size > 1
  return (windowed && nodesOf([node]).some(united)) || inputsOf(node).some(interleaves)
}

const shown = (row: unknown): string =>
  JSON.stringify(row, (_, v) => {
    if (typeof v === 'bigint') return `${v}n`
    if (typeof v === 'number' && !Number.isSafeInteger(v)) return Number.isFinite(v) ? v.toPrecision(9) : String(v)
    return Object.is(v, -0) ? 0 : v
  })

async function run(roots: readonly PlanNode[], tables: Tables, cut: Cut): Promise<unknown[][]> {
  const { seed, batchRows, generate, optimise } = cut
  const place = { site: undefined, name: undefined }
  const read = rewrite(roots, node => (node.kind === 'source' ? { ...node, source: fromTable(node, tables) } : node))
  const sinks = read.map(() => memorySink())
  const nodes = read.map((input, i) => sinkNode({ input, sink: sinks[i]!, ...place }))
  await execute(nodes, { host: new SimulatedHost(seed), batchRows, generate, optimise }).finished
  return sinks.map(sink => sink.rows())
}

interface Cut {
  readonly seed: number
  readonly batchRows: number
  readonly generate: boolean
  readonly optimise: boolean
}

/** The table as a source that applies the plan's predicates itself. */
function fromTable({ source }: NodeOf<'source'>, tables: Tables): Source {
  const rows = tables.get(source.label)!
  return {
    ...source,
    label: source.label,
    schema: source.schema,
    splits: async () => [{ id: 'all' }],
    open: (_, { schema, predicates }) => {
      let at = 0
      return {
        poll(maxRows) {
          if (at === rows.length) return 'end'
          const builder = new BatchBuilder(schema)
          for (; at < rows.length && builder.length < maxRows; at++) {
            const row = rows[at]!
            if (predicates.every(p => evaluate(p, name => row[name]) === true))
              builder.append(schema.bare ? row.value : row)
          }
          return builder.build()
        },
        offset: () => at,
        close: () => {},
      }
    },
  }
}

const backwards = <T>(rows: readonly T[]): T[] => rows.toReversed()
const rotated = <T>(rows: readonly T[]): T[] => [...rows.slice(1), ...rows.slice(0, 1)]
const alternating = <T>(rows: readonly T[]): T[] => [
  ...rows.filter((_, i) => i % 2 > 0),
  ...rows.filter((_, i) => i % 2 === 0),
]

/** What the plan means if the rows of its tables come in other orders. */
function inOtherOrders(plan: readonly PlanNode[], tables: Tables): Promise<(string[][] | string)[]> {
  const reordered = [backwards, rotated, alternating].map(
    order => new Map([...tables].map(([label, rows]) => [label, order(rows)])),
  )
  return Promise.all(reordered.map(other => outcome(() => interpret(plan, other))))
}

/** Rows as sorted text, or which error it was. */
async function outcome(compute: () => unknown[][] | Promise<unknown[][]>): Promise<string[][] | string> {
  try {
    return (await compute()).map(rows => rows.map(shown).sort())
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error
    return isNoPlan(error) ? 'no plan' : error.code
  }
}

/** Two unbounded sides, or a time that is null. */
function isNoPlan({ code, message }: MillraceError): boolean {
  return code === 'UNSUPPORTED' || message === 'missing event time'
}

const cuts = fc.record({
  seed: fc.nat(),
  batchRows: fc.integer({ min: 1, max: 7 }),
  generate: fc.boolean(),
  optimise: fc.boolean(),
})

test('a job gives what its plan means', () => {
  const property = fc.asyncProperty(randomPlans({ size: 6 }), cuts, async ({ plan, tables }, cut) => {
    fc.pre(!plan.some(needsOrder) && !plan.some(interleaves))
    const expected = await outcome(() => interpret(plan, tables))
    fc.pre(typeof expected !== 'string') // what fails in a row that nobody needs may go unnoticed
    if (plan.some(roundsByOrder))
      for (const other of await inOtherOrders(plan, tables)) fc.pre(isDeepStrictEqual(other, expected))
    const actual = await outcome(() => run(plan, tables, cut))
    fc.pre(actual !== 'no plan')
    expect(actual).toEqual(expected)
  })
  return fc.assert(property, { numRuns: 200, endOnFailure: true })
})
