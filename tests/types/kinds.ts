/** The kind of every operator's result, and of every pair of kinds. */
import { count, type Outcomes, tumbling } from 'millrace'
import { appending, bounded, counts, flights, history, kind, same, updating } from './rows.ts'

// One input: linear operators keep the kind.
kind('bounded')(
  history.map(f => f.delay),
  true,
)
kind('appending')(
  flights.where(c => c.delay.gt(1)),
  true,
)
kind('updating')(
  counts.select(c => ({ n: c.count })),
  true,
)
kind('updating')(counts.pick('origin').rename({ origin: 'airport' }).filter(Boolean), true)
kind('appending')(history.stream(), true)

// Grouping: groups of what does not end change, unless a window closes them.
kind('bounded')(history.keyBy('origin').count(), true)
kind('updating')(flights.keyBy('origin').count(), true)
kind('updating')(counts.keyBy('count').aggregate({ n: count() }), true)
kind('bounded')(
  history.keyBy('origin').reduce(a => a),
  true,
)
kind('updating')(
  flights.keyBy('origin').reduce(a => a),
  true,
)
kind('bounded')(history.keyBy('origin').window(tumbling('1d')).aggregate({ n: count() }), true)
kind('appending')(flights.keyBy('origin').window(tumbling('1d')).aggregate({ n: count() }), true)
kind('appending')(flights.keyBy('origin').window(tumbling('1d')).aggregate({ n: count() }).side('late'), true)
kind('appending')(
  flights.keyBy('origin').scan(
    () => 0,
    n => n + 1,
  ),
  true,
)
kind('bounded')(
  history.keyBy('origin').scan(
    () => 0,
    n => n + 1,
  ),
  true,
)
kind('appending')(flights.keyBy('origin').process({ onElement() {} }), true)
kind('bounded')(history.keyBy('origin').process({ onElement() {} }), true)
kind('appending')(counts.keyBy('origin').process({ onElement() {} }), true)

// Two inputs. Rows of the table: left bounded, appending, updating; columns: right, likewise.
const a = appending.pick('id')
const b = bounded.pick('id')
const u = updating.pick('id')
kind('bounded')(b.union(b), true)
kind('appending')(b.union(a), true)
kind('updating')(b.union(u), true)
kind('appending')(a.union(b), true)
kind('appending')(a.union(a), true)
kind('updating')(a.union(u), true)
kind('updating')(u.union(b), true)
kind('updating')(u.union(a), true)
kind('updating')(u.union(u), true)

kind('bounded')(bounded.join(b, { on: 'id' }), true)
kind('appending')(bounded.join(appending, { on: 'id' }), true)
kind('updating')(bounded.join(updating, { on: 'id' }), true)
kind('appending')(appending.join(bounded, { on: 'id' }), true)
kind('appending')(appending.join(a, { on: 'id' }), true)
kind('updating')(appending.join(updating, { on: 'id' }), true)
kind('updating')(updating.join(bounded, { on: 'id' }), true)
kind('updating')(updating.join(appending, { on: 'id' }), true)
kind('updating')(updating.join(u, { on: 'id' }), true)

type Row<BB, BA, AB, AA> = readonly [BB, BA, AB, AA]
type Cells<Op extends keyof Outcomes> = Row<
  Outcomes[Op]['bounded']['bounded'],
  Outcomes[Op]['bounded']['appending'],
  Outcomes[Op]['appending']['bounded'],
  Outcomes[Op]['appending']['appending']
>
declare function cells<Op extends keyof Outcomes>(): Cells<Op>
same<Row<'bounded', 'appending', 'appending', 'appending'>>()(cells<'union'>(), true)
same<Row<'bounded', 'appending', 'appending', 'appending'>>()(cells<'inner'>(), true)
same<Row<'bounded', 'appending', 'appending', 'appending'>>()(cells<'semi'>(), true)
same<Row<'bounded', 'updating', 'appending', 'updating'>>()(cells<'left'>(), true)
same<Row<'bounded', 'updating', 'appending', 'updating'>>()(cells<'anti'>(), true)
same<Row<'bounded', 'appending', 'updating', 'updating'>>()(cells<'right'>(), true)
same<Row<'bounded', 'updating', 'updating', 'updating'>>()(cells<'full'>(), true)

// The literal `how` picks its row of the table.
kind('appending')(appending.join(bounded, { on: 'id', how: 'left' }), true)
kind('updating')(appending.join(bounded, { on: 'id', how: 'right' }), true)
kind('updating')(bounded.join(appending, { on: 'id', how: 'anti' }), true)
kind('bounded')(bounded.join(b, { on: 'id', how: 'full' }), true)
