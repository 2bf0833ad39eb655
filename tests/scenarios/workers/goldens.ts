/** A program's results at every parallelism, each compared with SQL over the same tables. */
import { expect, it } from 'vitest'
import { bag } from './results.ts'
import { type Outcome, PARALLELISMS, type Scenarios } from './workshop.ts'

/** Tests that each named result is the rows of its query. Queries that find nothing are said to. */
export function equalGoldens(
  scenarios: Scenarios,
  outcomes: () => readonly Outcome[],
  goldens: Readonly<Record<string, string>>,
  empty: readonly string[] = [],
): void {
  it.each(Object.entries(goldens))('%s', async (name, sql) => {
    const expected = await scenarios.sql(sql)
    expect(expected.length === 0).toBe(empty.includes(name))
    for (const outcome of outcomes()) expect(at(outcome, outcome.rows(name))).toEqual(at(outcome, expected))
  })
}

function at({ parallelism, way }: Outcome, rows: Parameters<typeof bag>[0]) {
  return { parallelism, way, rows: bag(rows) }
}

/** A test for each parallelism. */
export function eachParallelism(
  name: string,
  outcomes: () => readonly Outcome[],
  test: (outcome: Outcome) => void | Promise<void>,
): void {
  it.each(PARALLELISMS)(`${name}, at parallelism %i`, parallelism =>
    test(outcomes().find(outcome => outcome.parallelism === parallelism)!),
  )
}
