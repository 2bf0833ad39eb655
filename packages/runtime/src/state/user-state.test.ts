/** Users' states in each store against their twin: with and without a time-to-live, over restores, on a clock that the test moves. */
import { field, Schema } from '@millrace/algebra'
import type { StateTtl } from '@millrace/plan'
import { copySnapshot } from '@millrace/testing/contracts/copy-snapshot'
import { stateStores } from '@millrace/testing/contracts/state-stores'
import { StateTwin } from '@millrace/testing/reference/state'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CallClock } from './call-clock.ts'
import { DroppedKeys } from './dropped-keys.ts'
import type { StateHandle, StatePart } from './handle.ts'
import type {
  ListCells,
  ListsDeclaration,
  MapCells,
  MapsDeclaration,
  ValueCells,
  ValuesDeclaration,
} from './user-declarations.ts'

interface Step {
  readonly act: string
  readonly id: number
  readonly key: number
  readonly value: number
  readonly pass: number
}

const IDS = [0, 1, 2]
const ttls = fc.option(
  fc.record({ afterMs: fc.integer({ min: 1, max: 9 }), refresh: fc.constantFrom('create', 'write', 'read') }),
  { nil: undefined, freq: 5 },
) as fc.Arbitrary<StateTtl | undefined>

function steps(...acts: string[]): fc.Arbitrary<Step[]> {
  const step = fc.record({
    act: fc.constantFrom(...acts, 'restore', 'expire'),
    id: fc.constantFrom(...IDS),
    key: fc.integer({ min: 0, max: 3 }),
    value: fc.integer({ min: 0, max: 99 }),
    pass: fc.constantFrom(0, 0, 1, 2, 5, 12),
  })
  return fc.array(step, { maxLength: 60, size: 'max' })
}

type Declaration = ValuesDeclaration | ListsDeclaration | MapsDeclaration
type MakeState = (declaration: Declaration, dropped: DroppedKeys, clock: CallClock) => StateHandle
type Play<H> = (handle: H, twin: StateTwin, step: Step, now: number) => readonly [actual: unknown, wanted: unknown]

/** How many values of users a part of a snapshot has. */
function countOf({ batch }: StatePart): number {
  const sizes = Array.from({ length: batch!.length }, (_, i) => {
    const value = batch!.get(1, i)
    return value instanceof Map ? value.size : Array.isArray(value) ? value.length : 1
  })
  return sizes.reduce((a, b) => a + b, 0)
}

function follows<H extends StateHandle>(
  make: MakeState,
  declaration: Declaration,
  script: readonly Step[],
  play: Play<H>,
): void {
  let now = 1000
  const clock = new CallClock(() => now)
  const fresh = () => make(declaration, new DroppedKeys(), clock) as H
  let handle = fresh()
  const twins = IDS.map(() => new StateTwin(declaration.ttl ?? {}))
  for (const step of script) {
    now += step.pass
    clock.begin()
    if (step.act === 'expire') handle.expire?.(step.id)
    else if (step.act === 'restore') {
      const parts = handle.snapshot(id => id & 1)
      const held = twins.reduce((sum, twin) => sum + twin.live(now).length, 0)
      expect(parts.reduce((sum, part) => sum + countOf(part), 0)).toBe(held)
      const copy = copySnapshot(new Map([['s', parts]]))
      handle = fresh()
      handle.restore(copy.get('s')!)
      expect(copySnapshot(new Map([['s', handle.snapshot(id => id & 1)]]))).toEqual(copy)
    } else {
      const [actual, wanted] = play(handle, twins[step.id], step, now)
      expect(actual).toEqual(wanted)
    }
    for (const id of IDS) expect(handle.holds!(id)).toBe(twins[id].live(now).length > 0)
  }
}

const rowSchema = Schema.record([field('n', 'int32'), field('half', 'double', true), field('odd', 'boolean', true)])
const asRow = (n: number) => ({ n, half: n % 3 === 0 ? null : n / 2, odd: n % 5 === 0 ? null : n % 2 === 1 })

describe.each(stateStores)('in %s', (_, store) => {
  const userState: MakeState = (declaration, dropped, clock) => store().handle(declaration, dropped, clock)

  describe.each<[string, Schema | undefined, (n: number) => unknown]>([
    ['opaque', undefined, n => ({ n })],
    ['an int32', Schema.bare('int32'), n => n],
    ['a text or null', Schema.bare('text', true), n => (n % 4 === 0 ? null : `${n}`)],
    ['a row', rowSchema, asRow],
  ])('a value that is %s', (_, schema, make) => {
    test('is what was set last', () => {
      const play: Play<ValueCells> = (cells, twin, { act, id, value }, now) => {
        if (act === 'set') cells.set(id, make(value))
        if (act === 'set') twin.set(now, 'only', make(value))
        if (act === 'clear') cells.set(id, undefined)
        if (act === 'clear') twin.delete(now)
        return act === 'get' ? [cells.get(id), twin.read(now)[0]?.value] : [0, 0]
      }
      fc.assert(
        fc.property(ttls, steps('set', 'set', 'get', 'clear'), (ttl, script) =>
          follows(userState, { kind: 'values', schema, ttl }, script, play),
        ),
      )
    })
  })

  test('a list has what was added, in order', () => {
    const play: Play<ListCells> = (cells, twin, { act, id, value }, now) => {
      if (act === 'add') {
        cells.add(id, value)
        twin.add(now, value)
      } else if (act === 'set') {
        const values = [value, value + 1].slice(0, value % 3)
        cells.set(id, values)
        twin.delete(now)
        for (const v of values) twin.add(now, v)
      }
      return act === 'get' ? [cells.get(id) ?? [], twin.read(now).map(e => e.value)] : [0, 0]
    }
    fc.assert(
      fc.property(ttls, steps('add', 'add', 'add', 'set', 'get'), (ttl, script) =>
        follows(userState, { kind: 'lists', ttl }, script, play),
      ),
    )
  })

  test('a map has what was set, in the order in which its keys came', () => {
    const play: Play<MapCells> = (cells, twin, { act, id, key, value }, now) => {
      if (act === 'set') {
        cells.set(id, key, value)
        twin.set(now, key, value)
      } else if (act === 'delete') {
        cells.delete(id, key)
        twin.delete(now, key)
      } else if (act === 'clear') {
        cells.clear(id)
        twin.delete(now)
      } else if (act === 'get') return [cells.get(id, key), twin.read(now, key)[0]?.value]
      else if (act === 'has') return [cells.has(id, key), twin.read(now, key).length > 0]
      else if (act === 'size') return [cells.size(id), twin.live(now).length]
      else return [[...cells.entries(id)], twin.read(now).map(e => [e.key, e.value])]
      return [0, 0]
    }
    const acts = ['set', 'set', 'set', 'delete', 'clear', 'get', 'has', 'size', 'entries']
    fc.assert(
      fc.property(ttls, steps(...acts), (ttl, script) => follows(userState, { kind: 'maps', ttl }, script, play)),
      { numRuns: 200 },
    )
  })

  test('a time-to-live that is new begins with the restore, and one that is gone is forgotten', () => {
    let now = 0
    const clock = new CallClock(() => now)
    const ttl: StateTtl = { afterMs: 10, refresh: 'write' }
    for (const kind of ['values', 'lists', 'maps'] as const) {
      const put = (handle: StateHandle) => {
        if (kind === 'values') (handle as ValueCells).set(0, 'v')
        if (kind === 'lists') (handle as ListCells).add(0, 'v')
        if (kind === 'maps') (handle as MapCells).set(0, 'k', 'v')
      }
      const [plain, later] = [
        userState({ kind }, new DroppedKeys(), clock),
        userState({ kind, ttl }, new DroppedKeys(), clock),
      ]
      put(plain)
      now += 100
      clock.begin()
      later.restore(plain.snapshot(() => 0))
      for (const [pass, held] of [
        [9, true],
        [1, false],
      ] as const) {
        now += pass
        clock.begin()
        expect(later.holds!(0)).toBe(held)
      }
      const timed = userState({ kind, ttl }, new DroppedKeys(), clock)
      put(timed)
      const forever = userState({ kind }, new DroppedKeys(), clock)
      forever.restore(timed.snapshot(() => 0))
      now += 1000
      clock.begin()
      expect(forever.holds!(0)).toBe(true)
      expect(forever.snapshot(() => 0)[0].batch!.schema.fields.map(f => f.name)).toEqual(['id', 'value'])
    }
  })

  test('reading and expiring count no key as dropped, removing does', () => {
    let now = 0
    const clock = new CallClock(() => now)
    const ttl: StateTtl = { afterMs: 10, refresh: 'write' }
    const dropped = new DroppedKeys()
    const values = userState({ kind: 'values', ttl }, dropped, clock) as ValueCells
    const lists = userState({ kind: 'lists', ttl }, dropped, clock) as ListCells
    const maps = userState({ kind: 'maps', ttl }, dropped, clock) as MapCells
    const put = () => {
      values.set(3, 1)
      lists.add(4, 1)
      maps.set(5, 1, 1)
    }
    const remove = () => {
      values.set(3, undefined)
      lists.set(4, [])
      maps.delete(5, 1)
    }
    put()
    now = 10
    clock.begin()
    expect([values.get(3), lists.get(4), maps.get(5, 1)]).toEqual([undefined, undefined, undefined])
    remove()
    expect(dropped.length).toBe(0)
    put()
    remove()
    expect([...dropped.ids.subarray(0, dropped.length)]).toEqual([3, 4, 5])
  })

  test('a snapshot keeps accumulators that go on changing as they were', () => {
    const clock = new CallClock(() => 0)
    const cells = userState({ kind: 'values', changes: true }, new DroppedKeys(), clock) as ValueCells
    const accumulator = { sum: 1, all: [1] }
    cells.set(0, accumulator)
    const parts = cells.snapshot(() => 0)
    accumulator.sum = 2
    accumulator.all.push(2)
    for (const again of [1, 2]) {
      const restored = userState({ kind: 'values', changes: true }, new DroppedKeys(), clock) as ValueCells
      restored.restore(parts)
      expect(restored.get(0), `${again}`).toEqual({ sum: 1, all: [1] })
      ;(restored.get(0) as { sum: number }).sum = 5
    }
  })
})
