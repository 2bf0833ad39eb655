/** Two collections, one of which every worker sees: what its functions may read and what they may change. */
import {
  type BroadcastState,
  type BroadcastView,
  broadcast,
  type Change,
  type ListState,
  list,
  row,
  text,
  type,
  type ValueState,
  value,
} from 'millrace'
import {
  airports,
  appending,
  bounded,
  counts,
  flights,
  history,
  kind,
  type Payment,
  payments,
  rows,
  same,
  updating,
} from './rows.ts'

interface Rule {
  name: string
  most: number
}

const alerts = payments.keyBy('card').connectBroadcast(airports, {
  emits: type<{ card: string }>(),
  sides: { quiet: row({ user: text }) },
  state: { rules: broadcast<string, Rule>(), last: value<Payment>() },
  onElement(payment, { key, state, timers, time, emit, side }) {
    same<Payment>()(payment, true)
    same<{ card: string }>()(key, true)
    same<BroadcastView<string, Rule>>()(state.rules, true)
    same<ValueState<Payment>>()(state.last, true)
    same<Rule | undefined>()(state.rules.get('a'), true)
    same<number | undefined>()(time, true)
    timers.at(payment.time)
    emit({ card: key.card })
    side('quiet', { user: payment.user })
  },
  onBroadcast(airport, { state, emit, side }) {
    same<string>()(airport.iata, true)
    same<{ readonly rules: BroadcastState<string, Rule> }>()(state, true)
    state.rules.set(airport.iata, { name: airport.city, most: 5 })
    for (const [name, rule] of state.rules.entries()) {
      same<string>()(name, true)
      same<Rule>()(rule, true)
    }
    emit({ card: airport.iata })
    side('quiet', { user: airport.city })
  },
  onTimer(timeMs, { key, state, emit }) {
    same<number>()(timeMs, true)
    same<BroadcastView<string, Rule>>()(state.rules, true)
    emit({ card: key.card })
  },
})
rows<{ card: string }>()(alerts, true)
rows<{ user: string }>()(alerts.named('alerts').side('quiet'), true)

// Without a key; and the changes of an updating collection.
rows<number>()(
  flights.connectBroadcast(counts, {
    onBroadcast(change, { state }) {
      same<Change<{ origin: string; count: number }>>()(change, true)
      if (change.weight > 0) state.most.set(change.row.origin, change.row.count)
      else state.most.delete(change.row.origin)
    },
    onElement(flight, { state, emit }) {
      same<ListState<number>>()(state.kept, true)
      emit(state.most.get(flight.origin) ?? 0)
    },
    state: { most: broadcast<string, number>(), kept: list<number>() },
    emits: type<number>(),
  }),
  true,
)

// Kinds.
const spec = { emits: type<number>(), onElement() {}, onBroadcast() {} }
kind('bounded')(history.connectBroadcast(bounded, spec), true)
kind('appending')(history.connectBroadcast(appending, spec), true)
kind('appending')(flights.connectBroadcast(bounded, spec), true)
kind('appending')(updating.connectBroadcast(bounded, spec), true)
kind('appending')(flights.keyBy('origin').connectBroadcast(updating, spec), true)
