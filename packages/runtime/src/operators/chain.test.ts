import { field, Schema } from '@millrace/algebra'
import type { Expression } from '@millrace/plan'
import { operatorContract } from '@millrace/testing/contracts/operator'
import { rowsOfInput, scripts } from '@millrace/testing/contracts/operator-events'
import { expressionsOf, sampleOf } from '@millrace/testing/expressions'
import { chainTwin, type NaiveStep } from '@millrace/testing/reference/chain'
import fc from 'fast-check'
import { chainSchema, type Step } from '../chain/step.ts'
import { chainOperator } from './chain.ts'

const kinds = ['int32', 'double', 'bigint', 'boolean', 'text', 'timestamp'] as const

/** Names that end strings, comments and objects wherever text is put together carelessly. */
const hostile = [
  '__proto__',
  '"',
  "'",
  '`',
  '*/',
  '\\',
  '${x}',
  '\u2028',
  '\ud800',
  'constructor',
  '',
  ' ',
  '//',
  '\n',
  'p',
  'k0',
]
const names = fc.uniqueArray(fc.oneof(fc.constantFrom(...hostile), fc.string({ maxLength: 4 })), {
  minLength: 6,
  maxLength: 6,
})

const schemas = fc
  .tuple(names, fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }))
  .map(([columns, nullable]) => Schema.record(kinds.map((kind, i) => field(columns[i]!, kind, nullable[i]!))))

/** The row's own values, as a user's function finds them. */
const show = (row: unknown): string =>
  typeof row === 'object' && row !== null ? Object.values(row).map(String).join() : String(row)

type Draft = { readonly step: NaiveStep; readonly behind: Schema }

/** One more step behind a schema. */
function stepOn(schema: Schema): fc.Arbitrary<Draft> {
  const opaque = Schema.isOpaque(schema)
  const functions = fc.constantFrom<Draft>(
    { step: { kind: 'filter', fn: (row: unknown) => show(row).length % 3 !== 0 }, behind: schema },
    { step: { kind: 'map', fn: (row: unknown) => ({ shown: show(row) }) }, behind: Schema.opaque },
    {
      step: { kind: 'flatMap', fn: (row: unknown) => [row, show(row)].slice(show(row).length % 3) },
      behind: Schema.opaque,
    },
    { step: { kind: 'time', time: (row: unknown) => show(row).length }, behind: schema },
  )
  if (opaque) return functions
  const where = expressionsOf(schema, 'boolean').map(
    (predicate): Draft => ({ step: { kind: 'where', predicate }, behind: schema }),
  )
  return fc.oneof(functions, where, projections(schema))
}

function projections(schema: Schema): fc.Arbitrary<Draft> {
  const columns = fc.tuple(...kinds.map(kind => expressionsOf(schema, kind)))
  return fc.tuple(columns, names).map(([expressions, fresh]): Draft => {
    const behind = Schema.record(expressions.map((e, i) => field(fresh[i]!, e.type, e.nullable)))
    const values = expressions.map((value: Expression, i) => ({ name: fresh[i]!, value }))
    return { step: { kind: 'project', columns: values, schema: behind }, behind }
  })
}

function steps(schema: Schema, left: number): fc.Arbitrary<NaiveStep[]> {
  if (left === 0) return fc.constant([])
  return stepOn(schema).chain(({ step, behind }) => steps(behind, left - 1).map(rest => [step, ...rest]))
}

const cases = fc
  .tuple(schemas, fc.integer({ min: 1, max: 4 }), fc.boolean())
  .chain(([schema, count, generate]) => steps(schema, count).map(chain => ({ schema, chain, generate })))
  .chain(({ schema, chain, generate }) => {
    const placed = chain.map(step => ({ ...step, site: undefined, label: step.kind })) as Step[]
    const output = chainSchema(schema, placed)
    const values = schema.fields.map(f => sampleOf(f.type.kind, f.nullable))
    return scripts([{ schema, values, times: true, weights: true }], { maxLength: 20 }).map(events => ({
      events,
      spec: () => chainOperator({ schema, steps: placed, generate }),
      twin: (soFar: typeof events) =>
        chainTwin(schema, rowsOfInput(soFar, 0), chain, output).map(row => ({ port: 0, row })),
    }))
  })

operatorContract('chain', { cases, compare: 'sequence', runs: 60 })
