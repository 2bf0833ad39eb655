/** The function answers at once; when that is heard is the Host's: between any two events, and in any order. */
import { field, Schema } from '@millrace/algebra'
import { operatorContract } from '@millrace/testing/contracts/operator'
import { type OperatorEvent, scripts } from '@millrace/testing/contracts/operator-events'
import { type OperatorRun, runOperator } from '@millrace/testing/contracts/operator-run'
import { mapAsyncTwin, type Segment } from '@millrace/testing/reference/map-async'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CallContext, CallSpec } from '../call-spec.ts'
import { type MapAsyncOptions, mapAsyncOperator } from './map-async.ts'

const schema = Schema.record([field('n', 'int32'), field('note', 'text', true)])

interface Row {
  readonly n: number
  readonly note: string | null
}

const answer = ({ n, note }: Row): unknown => ({ n: n + 1, note })

/** Every third row is refused the first time. */
function moody(row: Row, { attempt }: CallContext): unknown {
  if (row.n % 3 === 0 && attempt === 1) throw new Error('not now')
  return answer(row)
}

const calls: CallSpec = {
  fn: moody as CallSpec['fn'],
  timeoutMs: 60_000,
  attempts: 2,
  backoffMs: () => 7,
  retries: () => true,
}
const options: Omit<MapAsyncOptions, 'capacity' | 'ordered'> = {
  label: 'mapAsync',
  schema,
  output: Schema.opaque,
  calls,
  batchRows: 3,
}
const capacities = fc.constantFrom(1, 2, 5, 1000)

/** Between events time passes now and then, so that answers come in between. */
function withTime(events: readonly OperatorEvent[], chance: () => number): OperatorEvent[] {
  return events.flatMap(event => {
    const byMs = chance()
    return byMs === 0 ? [event] : [event, { kind: 'clock', byMs } as const]
  })
}

const timedScripts = (watermarks: boolean) =>
  fc
    .tuple(fc.boolean(), fc.array(fc.constantFrom(0, 0, 0, 1, 20, 3000), { minLength: 7, maxLength: 7 }))
    .chain(([times, pauses]) =>
      scripts([{ schema, times }], { watermarks }).map(events => {
        let at = 0
        return withTime(events, () => pauses[at++ % pauses.length]!)
      }),
    )

const twin = (events: readonly OperatorEvent[]): Segment[] =>
  mapAsyncTwin(events, ([n, note]) => answer({ n: n as number, note: note as string | null }))

/** How many watermarks are sent depends on how many come while a row is under way. */
const cases = fc.tuple(timedScripts(false), capacities).map(([events, capacity]) => ({
  spec: () => mapAsyncOperator({ ...options, capacity, ordered: true }),
  events,
  twin: (some: OperatorEvent[]) => twin(some).flatMap(({ rows }) => rows.map(row => ({ port: 0, row }))),
}))

operatorContract('mapAsync, ordered', { cases, compare: 'sequence', batchesAStep: 400 })

/** What came out between two watermarks. */
function segments(events: readonly OperatorEvent[], capacity: number, ordered: boolean, run: OperatorRun): Segment[] {
  const found: Segment[] = []
  let rows: Segment['rows'][number][] = []
  for (const output of runOperator(() => mapAsyncOperator({ ...options, capacity, ordered }), events, run)) {
    if (output.kind === 'row') rows.push(output.row)
    if (output.kind !== 'watermark' || output.time === Number.POSITIVE_INFINITY) continue
    found.push({ rows, watermark: output.time })
    rows = []
  }
  return [...found, { rows, watermark: undefined }]
}

/** Watermarks with no row between them are one. */
function merged(found: readonly Segment[], sorted: boolean): unknown[] {
  const out: { rows: unknown[]; watermark: number | undefined }[] = []
  for (const { rows, watermark } of found) {
    const last = out.at(-1)
    if (rows.length === 0 && last !== undefined) last.watermark = watermark
    else out.push({ rows: sorted ? rows.map(row => JSON.stringify(row)).sort() : [...rows], watermark })
  }
  return out
}

describe.each([true, false])('ordered: %s', ordered => {
  test('every row comes once, behind the watermarks that were before it and before those that were behind it', () => {
    const seeds = fc.record({
      seed: fc.nat({ max: 1e6 }),
      batchRows: fc.constantFrom(1, 3, 100),
      stopsOneIn: fc.constantFrom(0, 1, 4),
      capturesOneIn: fc.constantFrom(1, 3, 1000),
      throttled: fc.boolean(),
    })
    fc.assert(
      fc.property(timedScripts(true), capacities, seeds, (events, capacity, seed) => {
        const found = segments(events, capacity, ordered, { ...seed, batchesAStep: 400 })
        expect(merged(found, !ordered)).toEqual(merged(twin(events), !ordered))
      }),
      { numRuns: 100 },
    )
  })
})

const row = (n: number, time?: number): OperatorEvent => ({
  kind: 'row',
  input: 0,
  split: 0,
  row: { values: [n, null], weight: 1, time },
})
const end: OperatorEvent = { kind: 'end', input: 0 }
const straight: OperatorRun = { seed: 1, batchRows: 100, stopsOneIn: 0, throttled: false }

function numbers(events: readonly OperatorEvent[], capacity: number, ordered: boolean, seed: number): number[] {
  const spec = () => mapAsyncOperator({ ...options, calls: { ...calls, fn: answer as never }, capacity, ordered })
  const out = runOperator(spec, events, { ...straight, seed })
  return out.flatMap(o => (o.kind === 'row' ? [(o.row.values[0] as Row).n - 1] : []))
}

test('without order rows do overtake each other, unless there is one at a time', () => {
  const events = [...Array.from({ length: 30 }, (_, n) => row(n)), end]
  const inOrder = Array.from({ length: 30 }, (_, n) => n)
  expect(numbers(events, 30, true, 5)).toEqual(inOrder)
  expect(numbers(events, 1, false, 5)).toEqual(inOrder)
  expect(numbers(events, 30, false, 5)).not.toEqual(inOrder)
})

test('never more than so many are asked for at the same time', () => {
  let open = 0
  let most = 0
  const counted = (of: Row, { attempt }: CallContext): unknown => {
    if (attempt === 1) most = Math.max(most, ++open)
    if (attempt < 2) throw new Error('again')
    open--
    return of
  }
  const spec = () =>
    mapAsyncOperator({ ...options, calls: { ...calls, fn: counted as never }, capacity: 4, ordered: false })
  const events = [...Array.from({ length: 200 }, (_, n) => row(n)), end]
  expect(runOperator(spec, events, { ...straight, batchRows: 7 }).filter(o => o.kind === 'row')).toHaveLength(200)
  expect(most).toBe(4)
})

test.each([true, false])('that nothing comes is said behind the rows before it (ordered: %s)', ordered => {
  const spec = () => mapAsyncOperator({ ...options, capacity: 5, ordered })
  const idle: OperatorEvent = { kind: 'idle', input: 0 }
  const events = [row(1, 1), { kind: 'watermark', input: 0, time: 1 } as const, idle, row(2, 5), end]
  const kinds = runOperator(spec, events, straight).map(output => output.kind)
  expect(kinds.slice(0, 4)).toEqual(['row', 'watermark', 'idle', 'row'])
})

test('rows that are taken back are refused', () => {
  const spec = () => mapAsyncOperator({ ...options, capacity: 2, ordered: true })
  const taken: OperatorEvent = {
    kind: 'row',
    input: 0,
    split: 0,
    row: { values: [1, null], weight: -1, time: undefined },
  }
  expect(() => runOperator(spec, [taken, end], straight)).toThrow('invalid input of mapAsync: a row with weight -1')
})

test('an answer that does not fit the declared columns names the row', () => {
  const spec = () =>
    mapAsyncOperator({
      ...options,
      output: Schema.record([field('n', 'int32')]),
      calls: { ...calls, fn: (() => ({ n: 'many' })) as never },
      capacity: 2,
      ordered: true,
    })
  expect(() => runOperator(spec, [row(5), end], straight)).toThrow(
    expect.objectContaining({
      code: 'INVALID_VALUE',
      details: expect.objectContaining({ at: 'the row with n: 5, note: null', operator: 'mapAsync' }),
    }),
  )
})
