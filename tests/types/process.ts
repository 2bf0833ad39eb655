/** Declared state, emissions and side outputs, in any order of properties. */
import { type Change, list, map, row, text, timestamp, type, type ValueState, value } from 'millrace'
import { counts, flights, type Payment, payments, rows, same } from './rows.ts'

interface Alert {
  card: string
  at: number
}

const alerts = payments.keyBy('card').process({
  emits: type<Alert>(),
  sides: { quiet: type<Payment>(), seen: row({ user: text, at: timestamp }) },
  state: { last: value<Payment>(), n: value({ default: 0 }), times: list<number>(), users: map<string, number>() },
  onElement(payment, { key, state, timers, time, emit, side }) {
    same<Payment>()(payment, true)
    same<{ card: string }>()(key, true)
    same<ValueState<Payment>>()(state.last, true)
    same<Payment | undefined>()(state.last.get(), true)
    same<number>()(state.n.get(), true)
    same<readonly number[]>()(state.times.get(), true)
    same<number | undefined>()(state.users.get('ann'), true)
    same<number | undefined>()(time, true)
    state.n.set(state.n.get() + 1)
    state.times.add(payment.time)
    state.users.set(payment.user, payment.time)
    timers.at(payment.time + 60_000)
    emit({ card: key.card, at: payment.time })
    side('seen', { user: payment.user, at: payment.time })
  },
  onTimer(timeMs, { state, side, timers }) {
    timers.cancel(timeMs)
    const last = state.last.get()
    if (last !== undefined) side('quiet', last)
  },
})
rows<Alert>()(alerts, true)
rows<Payment>()(alerts.side('quiet'), true)
rows<{ user: string; at: number }>()(alerts.named('alerts').side('seen'), true)

// Declared after use.
rows<{ n: number }>()(
  payments.keyBy('user').process({
    onElement(_, { state, emit }) {
      state.n.set(state.n.get() + 1)
      emit({ n: state.n.get() })
    },
    state: { n: value({ default: 0 }) },
    emits: type<{ n: number }>(),
  }),
  true,
)

// A key by function; and the changes of an updating collection.
flights
  .keyBy(f => f.delay > 0)
  .process({
    onElement(_, { key }) {
      same<{ key: boolean }>()(key, true)
    },
  })
counts.keyBy('origin').process({
  onElement(change) {
    same<Change<{ origin: string; count: number }>>()(change, true)
  },
})
