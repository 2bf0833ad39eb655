/** Keyed functions with state, timers and side outputs. */
import { aggregating, environment, list, map, reducing, type, value } from '@millrace/api'
import { fromRows, memorySink } from '@millrace/connectors'
import { int32, row, text } from '@millrace/runtime'
import { describe, expect, it } from 'vitest'

interface Payment {
  card: string
  shop: string
  amount: number
  time: number
}

const payments: Payment[] = [
  { card: 'a', shop: 'x', amount: 1, time: 1000 },
  { card: 'b', shop: 'x', amount: 2, time: 2000 },
  { card: 'a', shop: 'y', amount: 3, time: 3000 },
  { card: 'a', shop: 'x', amount: 4, time: 90_000 },
  { card: 'b', shop: 'x', amount: 5, time: 100_000 },
]

const sources = {
  objects: (rows = payments) => fromRows(rows),
  columns: (rows = payments) => fromRows(rows, { card: text, shop: text, amount: int32, time: int32 }),
}

describe.each(['objects', 'columns'] as const)('process over %s', kind => {
  it('keeps state for each key by itself', async () => {
    const totals = environment()
      .stream(sources[kind]())
      .keyBy('card')
      .process({
        emits: row({ card: text, total: int32, shops: text }),
        state: {
          total: value({ default: 0 }),
          last: value<Payment>(),
          amounts: list<number>(),
          shops: map<string, number>(),
        },
        onElement(payment, { key, state, emit, time }) {
          expect(time).toBeUndefined()
          state.total.set(state.total.get() + payment.amount)
          state.amounts.add(payment.amount)
          state.shops.set(payment.shop, (state.shops.get(payment.shop) ?? 0) + 1)
          expect(state.amounts.get().reduce((a, b) => a + b, 0)).toBe(state.total.get())
          if ((state.last.get()?.time ?? 0) > payment.time) throw new Error('out of order')
          state.last.set(payment)
          emit({ card: key.card, total: state.total.get(), shops: [...state.shops.entries()].join(' ') })
        },
      })
    const given = await totals.collect()
    expect(given.filter(r => r.card === 'a')).toEqual([
      { card: 'a', total: 1, shops: 'x,1' },
      { card: 'a', total: 4, shops: 'x,1 y,1' },
      { card: 'a', total: 8, shops: 'x,2 y,1' },
    ])
    expect(given.filter(r => r.card === 'b').map(r => r.total)).toEqual([2, 7])
  })

  it('keeps typed and folded state, and what does not expire in the meantime', async () => {
    const folded = environment()
      .stream(sources[kind]())
      .keyBy('card')
      .process({
        emits: type<unknown>(),
        state: {
          n: value(int32, { default: 0 }),
          last: value(row({ shop: text, before: text.nullable() }), { ttl: '1h' }),
          most: reducing((a: number, b: number) => Math.max(a, b), { ttl: { after: '1h', refresh: 'create' } }),
          shops: aggregating({
            create: () => new Set<string>(),
            add: (all, shop: string) => all.add(shop),
            result: all => all.size,
          }),
          recent: list<number>({ ttl: { after: '1h', refresh: 'read' } }),
          seen: map<string, number>({ ttl: '1h', version: 2, migrate: Number }),
        },
        onElement({ shop, amount }, { key, state, emit }) {
          const { n, last, most, shops, recent, seen } = state
          n.set(n.get() + 1)
          last.set({ shop, before: last.get()?.shop ?? null })
          most.add(10 - amount)
          shops.add(shop)
          recent.add(amount)
          seen.set(shop, amount)
          emit([key.card, n.get(), last.get()?.before, most.get(), shops.get(), recent.get(), [...seen.entries()]])
        },
      })
    const given = (await folded.collect()) as unknown[][]
    expect(given.filter(([card]) => card === 'a')).toEqual([
      ['a', 1, null, 9, 1, [1], [['x', 1]]],
      [
        'a',
        2,
        'x',
        9,
        2,
        [1, 3],
        [
          ['x', 1],
          ['y', 3],
        ],
      ],
      [
        'a',
        3,
        'y',
        9,
        2,
        [1, 3, 4],
        [
          ['x', 4],
          ['y', 3],
        ],
      ],
    ])
  })

  it('calls timers when the watermark has reached them, and side outputs are collections', async () => {
    const env = environment()
    // Watermarks come every 1024 rows: others fill the time between.
    const others = Array.from({ length: 4096 }, (_, i) => ({ card: 'c', shop: '', amount: 0, time: 4000 + i * 20 }))
    const watched = env
      .stream(sources[kind]([...payments.slice(0, 3), ...others, ...payments.slice(3)]))
      .eventTime('time')
      .keyBy('card')
      .process({
        emits: type<{ card: string; since: number }>(),
        sides: { all: type<Payment>(), amounts: row({ amount: int32 }) },
        state: { last: value<number>() },
        onElement(payment, { state, timers, side }) {
          const before = state.last.get()
          if (before !== undefined) timers.cancel(before + 60_000)
          state.last.set(payment.time)
          timers.at(payment.time + 60_000)
          if (payment.card !== 'c') side('all', payment)
          if (payment.amount > 0) side('amounts', { amount: payment.amount })
        },
        onTimer(time, { key, state, emit }) {
          emit({ card: key.card, since: state.last.get()! })
          expect(time).toBe(state.last.get()! + 60_000)
        },
      })
      .named('quiet cards')
    const quiet = memorySink<{ card: string; since: number }>()
    const all = memorySink<Payment>()
    const amounts = memorySink<{ amount: number }>()
    await env.run([watched.to(quiet), watched.side('all').to(all), watched.side('amounts').to(amounts)])
    expect(quiet.rows().filter(r => r.card !== 'c')).toEqual([
      { card: 'b', since: 2000 },
      { card: 'a', since: 3000 },
      { card: 'a', since: 90_000 },
      { card: 'b', since: 100_000 },
    ])
    expect(all.rows()).toEqual(payments)
    expect(amounts.rows().map(r => r.amount)).toEqual([1, 2, 3, 4, 5])
  })
})

describe('mistakes in process', () => {
  const run = (onElement: (payment: Payment, context: { timers: { at(ms: number): void } }) => void) =>
    environment().stream(sources.objects()).keyBy('card').process({ onElement }).collect()

  it('an exception fails the job, with the line of the process', async () => {
    const failure = run(payment => {
      if (payment.amount === 3) throw new TypeError('no such shop')
    })
    await expect(failure).rejects.toMatchObject({
      code: 'USER_FUNCTION',
      message: expect.stringContaining('no such shop'),
      details: { site: { file: 'tests/api/process.test.ts' }, cause: { message: 'no such shop' } },
    })
  })
  it('a timer without event time, or without onTimer, is an error', async () => {
    await expect(run((_, { timers }) => timers.at(5))).rejects.toThrow('missing onTimer')
  })
})
