/**
 * The independent oracle of expressions: DuckDB, given the text that `print` makes, must compute what `evaluate` does.
 * So the text is SQL, its parentheses are right, and null, NaN, rounding, order and LIKE are SQL's.
 */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { field, Schema } from '@millrace/algebra'
import { expressionsOf, rowOf } from '@millrace/testing/expressions'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cast, literal } from './build.ts'
import { evaluate } from './evaluate.ts'
import type { Expression } from './expression.ts'
import { print, printName } from './print.ts'

const kinds = ['double', 'boolean', 'text', 'bigint'] as const
const schema = Schema.record(kinds.flatMap(kind => [field(`${kind}_`, kind), field(`"${kind}" or null`, kind, true)]))
const rows = fc.sample(rowOf(schema), { numRuns: 25, seed: 7 })

let connection: DuckDBConnection
beforeAll(async () => {
  connection = await (await DuckDBInstance.create(':memory:')).connect()
  await connection.run('SET ieee_floating_point_ops = true')
  const columns = schema.fields.map(f => `${printName(f.name)} ${f.type.kind === 'text' ? 'STRING' : f.type.kind}`)
  await connection.run(`CREATE TABLE t (row INT, ${columns.join(', ')})`)
  const cells = (row: Record<string, unknown>) =>
    schema.fields.map(f => print(cast(literal(row[f.name] as never), f.type)))
  await connection.run(`INSERT INTO t VALUES ${rows.map((row, i) => `(${[i, ...cells(row)].join(', ')})`).join(', ')}`)
})
afterAll(() => connection.closeSync())

async function asked(e: Expression): Promise<unknown[]> {
  const reader = await connection.runAndReadAll(`SELECT ${print(e)} FROM t ORDER BY row`)
  return reader.getRowsJS().map(row => settled(row[0]))
}

/** -0 is 0, and DuckDB's powers of ten may differ in the last place. */
function settled(value: unknown): unknown {
  if (typeof value !== 'number' || !Number.isFinite(value)) return value
  return value === 0 ? 0 : Number(value.toPrecision(14))
}

for (const kind of ['boolean', 'double', 'text'] as const)
  test(`${kind} expressions mean what their SQL means`, async () => {
    const check = async (e: Expression) => {
      const mine = rows.map(row => settled(evaluate(e, name => row[name])))
      expect({ of: print(e), are: mine }).toEqual({ of: print(e), are: await asked(e) })
    }
    await fc.assert(fc.asyncProperty(expressionsOf(schema, kind, { kinds }), check), { numRuns: 200 })
  })
