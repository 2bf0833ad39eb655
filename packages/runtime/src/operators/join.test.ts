import { field, Schema } from '@millrace/algebra'
import type { JoinColumn, JoinHow } from '@millrace/plan'
import type { SampleRow } from '@millrace/testing/batches'
import { operatorContract, type PortRow } from '@millrace/testing/contracts/operator'
import { type OperatorEvent, rowsOfInput, scripts } from '@millrace/testing/contracts/operator-events'
import { type OperatorOutput, type OperatorRun, runOperator } from '@millrace/testing/contracts/operator-run'
import { joinTwin } from '@millrace/testing/reference/join'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type JoinOptions, joinOperator } from './join.ts'

const leftSchema = Schema.record([field('k', 'int32', true), field('j', 'text', true), field('l', 'any', true)])
const rightSchema = Schema.record([field('r', 'text'), field('k', 'double', true), field('j', 'text', true)])
const leftValues = [fc.constantFrom(0, 1, 2, 3, -1, null), fc.constantFrom('a', 'b', null), fc.nat({ max: 99 })]
const rightValues = [fc.string(), fc.constantFrom(0, -0, 1, 2, 3, 0.5, null), fc.constantFrom('a', 'b', null)]

const columns: readonly JoinColumn[] = [
  { side: 'right', column: 0 },
  { side: 'left', column: 2 },
  { side: 'left', column: 1 },
  { side: 'right', column: 1 },
]
const output = Schema.record([
  field('r', 'text', true),
  field('l', 'any', true),
  field('j', 'text', true),
  field('k', 'double', true),
])

interface Variant {
  readonly how: JoinHow
  /** One or two key columns. */
  readonly two: boolean
  readonly rows: 'columns' | 'key columns' | 'select' | 'declared select'
  readonly buffer: boolean
  readonly times: readonly [boolean, boolean]
  readonly weights: boolean
}

const variants = (hows: readonly JoinHow[]): fc.Arbitrary<Variant> =>
  fc.record({
    how: fc.constantFrom(...hows),
    two: fc.boolean(),
    rows: fc.constantFrom('columns', 'key columns', 'select', 'declared select'),
    buffer: fc.boolean(),
    times: fc.tuple(fc.boolean(), fc.boolean()),
    weights: fc.boolean(),
  })

const outer = (how: JoinHow) => ({
  left: how !== 'inner' && how !== 'right',
  right: how === 'right' || how === 'full',
})

const select = (left: { j: unknown; l: unknown } | null, right: { r: unknown; k: unknown } | null) => ({
  r: right === null ? null : right.r,
  l: left === null ? null : left.l,
  j: left === null ? null : left.j,
  k: right === null ? null : right.k,
})

function optionsOf({ how, two, rows, buffer }: Variant): JoinOptions {
  const left = { schema: leftSchema, key: two ? [0, 1] : [0], row: { schema: leftSchema, columns: [0, 1, 2] } }
  const right = { schema: rightSchema, key: two ? [1, 2] : [1], row: { schema: rightSchema, columns: [0, 1, 2] } }
  const common = { label: 'join', left, right, how, buffer, batchRows: 3 }
  if (how === 'semi' || how === 'anti') {
    const own: JoinColumn[] = [2, 0].map(column => ({ side: 'left', column }))
    return { ...common, rows: own, output: Schema.record([leftSchema.fields[2], leftSchema.fields[0]]) }
  }
  if (rows === 'columns') return { ...common, rows: columns, output }
  if (rows === 'select') return { ...common, rows: select, output: Schema.opaque }
  if (rows === 'declared select') return { ...common, rows: select, output }
  return { ...common, rows: [...columns.slice(0, 3), { side: 'key', column: 0 }], output }
}

/** What the twin's pair comes out as. */
function rowOf(variant: Variant, left: SampleRow | null, right: SampleRow | null): readonly unknown[] {
  const [k, j, l] = left?.values ?? [null, null, null]
  const [r, rightK] = right?.values ?? [null, null]
  if (variant.how === 'semi' || variant.how === 'anti') return [l, k]
  if (variant.rows === 'select') return [{ r, l, j, k: rightK }]
  return [r, l, j, variant.rows === 'key columns' ? (left === null ? rightK : k) : rightK]
}

function twin(variant: Variant, events: readonly OperatorEvent[]): PortRow[] {
  const [left, right] = [rowsOfInput(events, 0), rowsOfInput(events, 1)]
  const same = (l: SampleRow, r: SampleRow) =>
    l.values[0] !== null &&
    l.values[0] === r.values[1] &&
    (!variant.two || (l.values[1] !== null && l.values[1] === r.values[2]))
  const [leftTimed, rightTimed] = [left, right].map(rows => rows.every(row => row.time !== undefined))
  const timed = (leftTimed || !outer(variant.how).left) && (rightTimed || !outer(variant.how).right)
  return joinTwin(left, right, variant.how, same).map(([l, r]) => {
    const times = [l?.time, r?.time].filter(time => time !== undefined)
    const time = timed && times.length > 0 ? Math.max(...times) : undefined
    return { port: 0, row: { values: rowOf(variant, l, r), weight: l?.weight ?? 1, time } }
  })
}

/** With keys that right rows share, and with keys of one right row each. */
function uniquely(events: readonly OperatorEvent[]): OperatorEvent[] {
  const seen = new Set<unknown>()
  return events.filter(e => {
    if (e.kind !== 'row' || e.input !== 1) return true
    const key = e.row.values[1] === 0 ? 0 : e.row.values[1]
    const isNew = !seen.has(key)
    seen.add(key)
    return isNew
  })
}

function cases(hows: readonly JoinHow[]) {
  return fc.tuple(variants(hows), fc.boolean()).chain(([variant, unique]) =>
    scripts([
      { schema: leftSchema, values: leftValues, times: variant.times[0], weights: variant.weights },
      { schema: rightSchema, values: rightValues, times: variant.times[1] },
    ]).map(script => {
      const events = unique ? uniquely(script) : script
      return {
        variant,
        spec: () => joinOperator(optionsOf(variant)),
        events,
        twin: (all: readonly OperatorEvent[]) => twin(variant, all),
      }
    }),
  )
}

/** Three left rows that are replayed meet up to forty right rows each, three pairs a batch. */
const batchesAStep = 41
operatorContract('inner and left join', {
  cases: cases(['inner', 'left']),
  compare: 'sequence',
  runs: 40,
  batchesAStep,
})
operatorContract('semi and anti join', { cases: cases(['semi', 'anti']), compare: 'sequence' })
operatorContract('right and full join', {
  cases: cases(['right', 'full']),
  compare: 'sequence',
  runs: 40,
  batchesAStep,
})

const row = (input: number, time: number, ...values: unknown[]): OperatorEvent => ({
  kind: 'row',
  input,
  split: 0,
  row: { values, weight: 1, time },
})
const inner: Variant = {
  how: 'inner',
  two: false,
  rows: 'columns',
  buffer: false,
  times: [true, true],
  weights: false,
}
const straight: OperatorRun = { seed: 1, batchRows: 1, stopsOneIn: 0, throttled: false }
const described = (o: OperatorOutput) =>
  o.kind === 'row' ? `row ${o.row.time}` : o.kind === 'watermark' ? `watermark ${o.time}` : o.kind
const run = (options: Partial<Variant>, events: readonly OperatorEvent[]) =>
  runOperator(() => joinOperator(optionsOf({ ...inner, ...options })), events, straight).map(described)

test('left rows that wait for the right to end come with the watermarks that were between them', () => {
  const events: OperatorEvent[] = [
    row(0, 1, 7, 'a', 0),
    { kind: 'watermark', input: 0, time: 5 },
    row(0, 4, 7, 'a', 0),
    { kind: 'watermark', input: 0, time: 6 },
    { kind: 'watermark', input: 0, time: 8 },
    { kind: 'idle', input: 0 },
    row(1, 3, 'x', 7, 'a'),
    { kind: 'watermark', input: 1, time: 40 },
    { kind: 'end', input: 1 },
    { kind: 'watermark', input: 0, time: 9 },
    row(0, 6, 7, 'a', 0),
    { kind: 'end', input: 0 },
  ]
  const kept = ['row 3', 'watermark 5', 'row 4', 'watermark 6', 'watermark 8', 'idle']
  const expected = [...kept, 'watermark 9', 'row 6', 'watermark Infinity', 'end']
  expect(run({ buffer: true }, events)).toEqual(expected)
  expect(run({ buffer: false }, events)).toEqual(expected)
})

/** Once is enough to be idle: a restored vertex says it again. What passes as it came says where it came in. */
function withoutEchoes(outputs: readonly OperatorOutput[]): OperatorOutput[] {
  let idle = false
  return outputs.flatMap(output => {
    if (output.kind === 'idle' && idle) return []
    if (output.kind === 'idle' || output.kind === 'watermark') idle = output.kind === 'idle'
    return [{ ...output, input: undefined }]
  })
}

test('what was kept comes as if the right had ended before', () => {
  const kinds = fc.constantFrom('idle' as const, 'splitEnd' as const)
  const others = fc.array(fc.record({ at: fc.nat({ max: 30 }), split: fc.nat({ max: 2 }), kind: kinds }), {
    maxLength: 8,
  })
  const inputs = (times: boolean) => [
    { schema: leftSchema, values: leftValues, times },
    { schema: rightSchema, values: rightValues, times: true },
  ]
  const property = fc.property(
    variants(['inner', 'left', 'semi', 'full']),
    scripts(inputs(true), { maxLength: 30 }),
    others,
    fc.nat({ max: 1e6 }),
    (variant, script, between, seed) => {
      const end = script.findIndex(e => e.kind === 'end' && e.input === 0)
      const events: OperatorEvent[] = script.map((e, i) => (e.kind === 'row' ? { ...e, split: (i >> 2) % 3 } : e))
      for (const { at, ...event } of between) events.splice(Math.min(at, end), 0, { ...event, input: 0 })
      const outputs = (buffer: boolean, settings: { stopsOneIn: number; throttled: boolean }) =>
        withoutEchoes(
          runOperator(() => joinOperator(optionsOf({ ...variant, buffer })), events, {
            ...settings,
            seed,
            batchRows: 3,
            batchesAStep,
          }),
        )
      const waiting = outputs(false, { stopsOneIn: 0, throttled: false })
      expect(outputs(true, { stopsOneIn: 0, throttled: false })).toEqual(waiting)
      expect(outputs(true, { stopsOneIn: 3, throttled: true })).toEqual(waiting)
      expect(outputs(false, { stopsOneIn: 2, throttled: true })).toEqual(waiting)
    },
  )
  fc.assert(property, { numRuns: 40 })
})

test('a left without times has no watermark that rows with times of the right could be behind', () => {
  const untimed = { ...row(0, 0, 7, 'a', 0), row: { values: [7, 'a', 0], weight: 1, time: undefined } }
  const events: OperatorEvent[] = [
    row(1, 3, 'x', 7, 'a'),
    { kind: 'end', input: 1 },
    { kind: 'watermark', input: 0, time: 5 },
    untimed,
    { kind: 'end', input: 0 },
  ]
  const own = { ...optionsOf({ ...inner, times: [false, true] }), timedByRight: true }
  const outputs = runOperator(() => joinOperator(own), events, straight)
  expect(outputs.map(described)).toEqual(['row 3', 'watermark Infinity', 'end'])
})

test('rows of the right cannot be taken back', () => {
  const retraction: OperatorEvent = {
    kind: 'row',
    input: 1,
    split: 0,
    row: { values: ['x', 7, 'a'], weight: -1, time: 3 },
  }
  const ends: OperatorEvent[] = [1, 0].map(input => ({ kind: 'end', input }))
  expect(() => run({}, [retraction, ...ends])).toThrow('invalid input of the right side of join: a row with weight -1')
})

test('no watermark overtakes right rows that come out alone', () => {
  const events: OperatorEvent[] = [
    row(1, 3, 'x', 8, 'a'),
    { kind: 'end', input: 1 },
    row(0, 6, 7, 'a', 0),
    { kind: 'watermark', input: 0, time: 5 },
    { kind: 'end', input: 0 },
  ]
  expect(run({ how: 'full' }, events)).toEqual(['row 6', 'row 3', 'watermark Infinity', 'end'])
})
