/** Rows that meet rules which every worker sees, in whole jobs. */
import { broadcast, environment, list, map, type, value } from '@millrace/api'
import { fromRows } from '@millrace/connectors'
import { int32, row, text } from '@millrace/runtime'
import { describe, expect, it } from 'vitest'

interface Order {
  user: string
  amount: number
  t: number
}

const orders: readonly Order[] = Array.from({ length: 40 }, (_, i) => ({ user: `u${i % 3}`, amount: i, t: i * 100 }))
const limits = [
  { user: 'u0', most: 5 },
  { user: 'u1', most: 30 },
  { user: 'u0', most: 20 },
]
const orderColumns = { user: text, amount: int32, t: int32 }
const limitColumns = { user: text, most: int32 }

function sources(env = environment()) {
  return {
    env,
    stream: env.stream(fromRows([...orders], orderColumns)),
    dataset: env.dataset(fromRows(limits, limitColumns)),
    live: env.stream(fromRows(limits, limitColumns)),
  }
}

const over = orders.filter(({ user, amount }) => amount > (user === 'u0' ? 20 : user === 'u1' ? 30 : 1000))

describe('rules of a DataSet', () => {
  it('are all there before the first row', async () => {
    const { stream, dataset } = sources()
    const found = stream.keyBy('user').connectBroadcast(dataset, {
      emits: row(orderColumns),
      state: { limits: broadcast<string, number>() },
      onBroadcast({ user, most }, { state }) {
        state.limits.set(user, most)
      },
      onElement(order, { state, emit }) {
        if (order.amount > (state.limits.get(order.user) ?? 1000)) emit(order)
      },
    })
    expect(found.explain()).toContain('connectBroadcast by user; state limits (broadcast)')
    expect(await found.where(c => c.amount.gt(0)).collect()).toEqual(over)
  })

  it('meet state, timers and sides of a key', async () => {
    const { stream, dataset } = sources()
    const spec = {
      emits: type<{ user: string; at: number; sum: number; most: number | undefined }>(),
      sides: { rules: type<number>() },
      state: { limits: broadcast<string, number>(), sum: value(int32, { default: 0 }) },
    }
    const found = stream
      .eventTime('t')
      .keyBy('user')
      .connectBroadcast(dataset, {
        ...spec,
        onBroadcast({ user, most }, { state }) {
          state.limits.set(user, most)
        },
        onElement({ amount, t }, { state, timers, side }) {
          state.sum.set(state.sum.get() + amount)
          timers.at(Math.ceil(t / 4000) * 4000)
          if (amount === 0) side('rules', state.limits.size)
        },
        onTimer(at, { key, state, emit }) {
          emit({ user: key.user, at, sum: state.sum.get(), most: state.limits.get(key.user) })
        },
      })
    const sum = (user: string) => orders.reduce((all, o) => all + (o.user === user ? o.amount : 0), 0)
    const fired = await found.collect()
    expect(fired.filter(({ at }) => at === 4000).toSorted((a, b) => (a.user < b.user ? -1 : 1))).toEqual([
      { user: 'u0', at: 4000, sum: sum('u0'), most: 20 },
      { user: 'u1', at: 4000, sum: sum('u1'), most: 30 },
      { user: 'u2', at: 4000, sum: sum('u2'), most: undefined },
    ])
    expect(await found.side('rules').collect()).toEqual([2])
  })

  it('of a bounded collection give a bounded one', async () => {
    const { env, dataset } = sources()
    const all = env.dataset(fromRows([...orders], orderColumns))
    const found = all.connectBroadcast(dataset, {
      emits: row({ n: int32 }),
      state: { limits: broadcast<string, number>() },
      onBroadcast: ({ user, most }, { state }) => state.limits.set(user, most),
      onElement: ({ amount }, { state, emit }) => emit({ n: amount * state.limits.size }),
    })
    expect(
      await found
        .sortBy(c => c.n.descending())
        .first(1)
        .collect(),
    ).toEqual([{ n: 78 }])
  })
})

describe('rules of a stream', () => {
  it('hold no time back where they have none', async () => {
    const { stream, live } = sources()
    const found = stream
      .eventTime('t')
      .keyBy('user')
      .connectBroadcast(live, {
        emits: type<number>(),
        state: { limits: broadcast<string, number>() },
        onBroadcast: ({ user, most }, { state }) => state.limits.set(user, most),
        onElement: ({ t }, { timers }) => timers.at(t),
        onTimer: (at, { emit }) => emit(at),
      })
    expect((await found.collect()).toSorted((a, b) => a - b)).toEqual(orders.map(({ t }) => t))
  })

  it('of an updating one are changes', async () => {
    const { stream, live } = sources()
    const counts = live.keyBy('user').count()
    const found = stream.connectBroadcast(counts, {
      emits: type<{ user: string; weight: number }>(),
      onBroadcast: ({ row: { user }, weight }, { emit }) => emit({ user, weight }),
      onElement() {},
    })
    const sums = new Map<string, number>()
    for (const { user, weight } of await found.collect()) sums.set(user, (sums.get(user) ?? 0) + weight)
    expect(Object.fromEntries(sums)).toEqual({ u0: 1, u1: 1 })
  })

  it('and rows without a key have a list for each worker', async () => {
    const { stream, dataset } = sources()
    const found = stream.connectBroadcast(dataset, {
      emits: type<readonly number[]>(),
      state: { limits: broadcast<string, number>(), last: list<number>() },
      onBroadcast: ({ user, most }, { state }) => state.limits.set(user, most),
      onElement({ amount }, { state, emit }) {
        state.last.add(amount)
        if (state.last.get().length < 10) return
        emit([...state.last.get()])
        state.last.clear()
      },
    })
    const tens = [0, 10, 20, 30].map(from => Array.from({ length: 10 }, (_, i) => from + i))
    expect(await found.collect()).toEqual(tens)
  })
})

describe('what cannot be', () => {
  const { stream, dataset, live } = sources()
  const functions = { onBroadcast() {}, onElement() {} }
  it.each([
    ['no onBroadcast', { onElement() {} }, 'invalid function of onBroadcast: undefined'],
    ['no onElement', { onBroadcast() {} }, 'invalid function of onElement: undefined'],
    ['another option', { ...functions, rules: 1 }, 'unknown option of connectBroadcast: rules (known: state, emits,'],
    ['no state', { ...functions, state: { x: 5 } }, 'invalid state "x": 5'],
    ['state of a key', { ...functions, state: { x: map() } }, 'invalid state "x": map without a key'],
    ['timers', { ...functions, onTimer() {} }, 'invalid onTimer: timers are of a key'],
  ])('%s', (_, spec, message) => {
    expect(() => stream.connectBroadcast(live, spec as never)).toThrow(message)
  })

  it('options of broadcast state', () => {
    expect(() => broadcast({ ttl: '1d' } as never)).toThrow(
      'unknown option of broadcast state: ttl (known: version, migrate)',
    )
    expect(() => broadcast({ version: 0 })).toThrow('invalid version of broadcast state: 0')
    expect(() => broadcast({ version: 2, migrate: 5 as never })).toThrow('invalid function of migrate: 5')
  })

  it('collections of two environments; broadcast state in a process', () => {
    expect(() => stream.connectBroadcast(sources().dataset, functions)).toThrow('environment')
    expect(() => stream.keyBy('user').connectBroadcast(sources().dataset, functions)).toThrow('environment')
    expect(() => stream.keyBy('user').process({ state: { x: broadcast() }, onElement() {} })).toThrow(
      'invalid state "x": broadcast in a process',
    )
  })

  it('a change in onElement names the line', async () => {
    const found = stream.keyBy('user').connectBroadcast(dataset, {
      state: { limits: broadcast<string, number>() },
      onBroadcast() {},
      onElement(_, { state }) {
        // @ts-expect-error it can be read
        state.limits.set('u', 1)
      },
    })
    await expect(found.collect()).rejects.toMatchObject({
      code: 'USER_FUNCTION',
      message: 'invalid change of state "limits": not in onBroadcast',
      details: { site: { file: 'tests/api/broadcast.test.ts' }, operator: 'connectBroadcast' },
    })
  })

  it('rows that are changed are found, on either side', async () => {
    const of = sources(environment({ check: true }))
    const changing = {
      ...functions,
      onBroadcast(rule: { most: number }) {
        rule.most = 0
      },
    }
    await expect(of.stream.connectBroadcast(of.dataset, changing).collect()).rejects.toThrow('invalid change of a row')
  })
})
