/** Results in the caller's thread, and collections that change. */
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eachParallelism } from './goldens.ts'
import { changes, collected, iterated, updated } from './queries/results.ts'
import { bag, integral, parsed, sequence } from './results.ts'
import { type Outcome, Scenarios } from './workshop.ts'

const scenarios = new Scenarios()
beforeAll(() => scenarios.open())
afterAll(() => scenarios.close())

it('collect: all rows, in the order of a sort', async () => {
  const expected = sequence(await scenarios.sql(collected))
  for (const { way, stdout } of await scenarios.runAllWays('collect.ts'))
    expect({ way, rows: sequence(parsed(stdout)) }).toEqual({ way, rows: expected })
}, 120_000)

it('collect of an updating collection: what is left', async () => {
  const expected = bag(await scenarios.sql(updated))
  expect(expected.length).toBeGreaterThan(50)
  for (const { way, stdout } of await scenarios.runAllWays('updating.ts'))
    expect({ way, rows: bag(parsed(stdout)) }).toEqual({ way, rows: expected })
}, 120_000)

it('for await: every row once', async () => {
  const expected = bag(await scenarios.sql(iterated))
  for (const outcome of [...(await scenarios.run('iterate.ts')), ...(await scenarios.runBounded('iterate.ts'))])
    expect(bag(outcome.rows('seen'))).toEqual(expected)
}, 60_000)

it('for await in a job that is killed: every row, and none that is not', async () => {
  const expected = bag(await scenarios.sql(iterated))
  const outcome = await scenarios.runKilled('iterate.ts', [1, 2, 3])
  expect([...new Set(bag(outcome.rows('seen')))]).toEqual(expected)
}, 60_000)

it('a pipe from standard input to standard output', async () => {
  const lines = Array.from({ length: 5000 }, (_, i) => ({ name: `n${i % 17}`, n: i % 4 }))
  const outcomes = await scenarios.run('pipe.ts', lines.map(line => `${JSON.stringify(line)}\n`).join(''))
  const counts = new Map<string, number>()
  for (const { name, n } of lines) if (n > 1) counts.set(name, (counts.get(name) ?? 0) + 1)
  const expected = bag([...counts].map(([name, rows]) => ({ name, rows })))
  for (const { stdout } of outcomes) expect(bag(parsed(stdout))).toEqual(expected)
}, 60_000)

it('a pipe of a program that Node runs itself', async () => {
  const file = join(scenarios.builtFolder(), 'pipe.mjs')
  const entryPoints = [join(import.meta.dirname, 'programs/pipe.ts')]
  await build({ entryPoints, outfile: file, bundle: true, platform: 'node', format: 'esm', packages: 'external' })
  const lines = Array.from({ length: 20 }, (_, i) => `{"name":"${i % 2}","n":${i}}\n`)
  for (const { stdout } of await scenarios.runFile(file, lines.join('')))
    expect(parsed(stdout).sort((a, b) => Number(a.name) - Number(b.name))).toEqual([
      { name: '0', rows: 9 },
      { name: '1', rows: 9 },
    ])
}, 60_000)

describe('aggregates of what changes', () => {
  let outcomes: Outcome[]
  beforeAll(async () => {
    outcomes = await scenarios.run('regrouped.ts')
    for (const workers of [[1], [2], [1, 2, 3]]) outcomes.push(await scenarios.runKilled('regrouped.ts', workers))
  }, 120_000)

  const counts = '(select origin, tail, count(*) as n, max(delay) as worst from flights group by origin, tail)'
  const alike = `(select n, count(*) as count from ${counts} where n > 20 group by n)`
  it.each([
    [
      'byTail',
      `select tail, count(*) as origins, sum(n)::double as rows, avg(n) as mean, min(n) as least, max(n) as most,
        min(worst) as worst from ${counts} group by tail`,
    ],
    ['alike', `select * from ${alike}`],
    ['again', `select count, count(*) as sizes, max(n) as greatest from ${alike} group by count`],
  ])('%s: what is left', async (name, sql) => {
    const expected = bag(await scenarios.sql(sql))
    expect(expected.length).toBeGreaterThan(1)
    for (const outcome of outcomes) expect(integral(outcome.rows(name))).toEqual(expected)
  })
})

describe('changes', () => {
  let outcomes: Outcome[]
  beforeAll(async () => {
    outcomes = [...(await scenarios.run('changes.ts')), await scenarios.runKilled('changes.ts', [1, 2, 3])]
  }, 60_000)

  eachParallelism(
    'add up to the result, and never take back what is not there',
    () => outcomes,
    async outcome => {
      expect(integral(outcome.rows('counts'))).toEqual(bag(await scenarios.sql(changes.counts)))
      const places = bag(await scenarios.sql(changes.places))
      expect(integral(outcome.rows('places'))).toEqual(places)
      expect(integral(await scenarios.sql(`select * from read_csv('${outcome.path('places.csv')}')`))).toEqual(places)
    },
  )

  it.each(Object.entries(changes))('of a job that is killed add up to the result: %s', async (name, sql) => {
    expect(integral(outcomes.at(-1)!.rows(name))).toEqual(bag(await scenarios.sql(sql)))
  })

  eachParallelism(
    'as a function on another worker sees them',
    () => outcomes,
    async outcome => {
      const sums = new Map<unknown, number>()
      for (const { state, change } of outcome.rows('changesOfStates'))
        sums.set(state, (sums.get(state) ?? 0) + Number(change))
      const expected = await scenarios.sql(`select state, count(*) as n
      from flights join airports on origin = iata group by state`)
      expect(bag([...sums].map(([state, n]) => ({ state, n })))).toEqual(bag(expected))
    },
  )
})
