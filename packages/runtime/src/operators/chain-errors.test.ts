/** An error in a chain names the step it comes from, whatever that step evaluates, and however the chain runs. */
import { field, Schema } from '@millrace/algebra'
import { call, cast, column, literal, MillraceError } from '@millrace/plan'
import type { OperatorEvent } from '@millrace/testing/contracts/operator-events'
import { runOperator } from '@millrace/testing/contracts/operator-run'
import { describe, expect, test } from 'vitest'
import type { Step } from '../chain/step.ts'
import { chainOperator } from './chain.ts'

const schema = Schema.record([field('a', 'text'), field('n', 'double')])
const a = column(schema, 'a')
const number = cast(a, { kind: 'double' })
const run = { seed: 1, batchRows: 3, stopsOneIn: 0, throttled: false }

const row = (text: string, n = 1): OperatorEvent => ({
  kind: 'row',
  input: 0,
  split: 0,
  row: { values: [text, n], weight: 1, time: 5 },
})

type Body<S> = S extends unknown ? Omit<S, 'site' | 'label'> : never

/** Steps called after their place, each on a line of its own. */
function placed(bodies: readonly Body<Step>[]): Step[] {
  return bodies.map((body, i) => ({
    ...body,
    label: `step ${i}`,
    site: { file: 'job.ts', line: 10 + i, column: 1 },
  })) as Step[]
}

const throws = (row: unknown): unknown => {
  if ((row as { a: string }).a === 'x') throw new RangeError('no x')
  return [row]
}
function* twice(row: unknown): Generator<unknown> {
  yield row
  throws(row)
}
const passes = { kind: 'filter', fn: () => true } as const
const keeps = { kind: 'where', predicate: call('eq', [a, a]) } as const
const same = {
  kind: 'project',
  columns: [
    { name: 'a', value: a },
    { name: 'n', value: column(schema, 'n') },
  ],
  schema,
} as const
const mapped = { kind: 'map', fn: (r: unknown) => r } as const
const double = Schema.record([field('d', 'double')])

/** Each fails at a row whose text is 'x', with this code. */
const failing: [string, Body<Step>, string][] = [
  ['filter', { kind: 'filter', fn: throws }, 'USER_FUNCTION'],
  ['map', { kind: 'map', fn: throws }, 'USER_FUNCTION'],
  ['flatMap', { kind: 'flatMap', fn: throws as never }, 'USER_FUNCTION'],
  ['where', { kind: 'where', predicate: call('gt', [number, literal(0)]) }, 'INVALID_VALUE'],
  ['project', { kind: 'project', columns: [{ name: 'd', value: number }], schema: double }, 'INVALID_VALUE'],
  [
    'extend',
    {
      kind: 'extend',
      columns: [{ name: 'd', value: number }],
      schema: Schema.record([...schema.fields, field('d', 'double')]),
    },
    'INVALID_VALUE',
  ],
  ['time', { kind: 'time', time: number }, 'INVALID_VALUE'],
  ['time by a function', { kind: 'time', time: (row: unknown) => Number(throws(row) === null) }, 'USER_FUNCTION'],
]

/** What the chain throws, given good rows and then the bad one. */
function failure(steps: readonly Step[], generate: boolean): unknown {
  try {
    runOperator(
      () => chainOperator({ schema, steps, generate }),
      [row('1'), row('2'), row('x'), { kind: 'end', input: 0 }],
      run,
    )
  } catch (error) {
    return error
  }
  return undefined
}

describe.each([true, false])('generated: %s', generate => {
  test.each(failing)('%s, by itself, last, and before others', (_, step, code) => {
    const places = [
      [[], []],
      [[passes, keeps, same], []],
      [[mapped], []],
      [[passes], [passes]],
    ] as const
    for (const [before, after] of places) {
      if (step.kind === 'extend' && before[0] === mapped) continue // its schema is of rows with columns
      const at = before.length
      const error = failure(placed([...before, step, ...after]), generate)
      expect(error).toBeInstanceOf(MillraceError)
      expect(error).toMatchObject({ code, details: { operator: `step ${at}`, site: { line: 10 + at } } })
    }
  })

  test('a value that does not fit what was declared is of the declaration', () => {
    const typed = { kind: 'convert', schema: Schema.record([field('a', 'double')]) } as const
    const numeric = { kind: 'map', fn: (r: { a: string }) => ({ a: r.a === 'x' ? r.a : Number(r.a) }) } as const
    expect(failure(placed([numeric as never, typed, passes]), generate)).toMatchObject({
      code: 'INVALID_VALUE',
      message: expect.stringContaining('double'),
      details: { operator: 'step 1', site: { line: 11 } },
    })
  })

  test('what a generator throws after its first row is of the generator', () => {
    const rows = { kind: 'flatMap', fn: twice } as const
    const inner = { kind: 'flatMap', fn: (r: unknown) => [r, r] } as const
    const drops = { kind: 'filter', fn: () => false } as const
    for (const after of [[], [passes], [drops], [passes, inner, drops], [inner, passes]])
      expect(failure(placed([passes, rows, ...after]), generate)).toMatchObject({
        code: 'USER_FUNCTION',
        details: { operator: 'step 1', site: { line: 11 } },
      })
  })

  test('an error that already knows its place keeps it', () => {
    const fn = (): never => {
      throw new MillraceError('IO', 'torn', { operator: 'inner' })
    }
    expect(failure(placed([passes, { kind: 'map', fn }]), generate)).toMatchObject({
      code: 'IO',
      details: { operator: 'inner', site: { line: 11 } },
    })
  })
})
