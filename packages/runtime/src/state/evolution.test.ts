import { MillraceError } from '@millrace/plan'
import { stateStores } from '@millrace/testing/contracts/state-stores'
import { expect, test } from 'vitest'
import { operatorSpec } from '../operator.ts'
import type { StateDeclaration } from './declaration.ts'
import type { Evolution } from './evolution.ts'
import { migrationOf, versionMeta } from './evolution.ts'
import { OperatorState } from './operator-state.ts'
import type { StateStore } from './store.ts'
import type { ListCells, MapCells, ValueCells } from './user-declarations.ts'

const of = (version: number, migrate?: Evolution['migrate'], kind = 'value'): Evolution => ({
  name: 'last',
  kind,
  version,
  migrate,
})

function failure(act: () => unknown): MillraceError {
  try {
    act()
  } catch (error) {
    if (error instanceof MillraceError) return error
    throw error
  }
  throw new Error('it did not fail')
}

test('the same version needs no migration, and none stands for the first', () => {
  expect(versionMeta(undefined)).toBe(null)
  expect(versionMeta(of(2))).toEqual({ kind: 'value', version: 2 })
  expect(migrationOf(undefined, null)).toBe(null)
  expect(migrationOf(of(1), null)).toBe(null)
  expect(migrationOf(of(2), { kind: 'value', version: 2 })).toBe(null)
})

test('an older one is migrated, a newer one refused', () => {
  const migrate = migrationOf(
    of(3, (old, from) => [old, from]),
    { kind: 'value', version: 2 },
  )
  expect(migrate!('x')).toEqual(['x', 2])
  expect(
    migrationOf(
      of(2, () => 0),
      null,
    )!('x'),
  ).toBe(0)
  const newer = failure(() => migrationOf(of(2, String), { kind: 'value', version: 3 }))
  expect(newer).toMatchObject({
    code: 'STATE_MISMATCH',
    message: 'unknown version of state "last": 3 (known: up to 2)',
  })
  const missing = failure(() => migrationOf(of(2), { kind: 'value', version: 1 }))
  expect(missing).toMatchObject({
    code: 'STATE_MISMATCH',
    message: 'missing migration of state "last": from version 1 to 2',
  })
  expect(missing.hint).toContain('migrate: (old, fromVersion) =>')
  const kind = failure(() => migrationOf(of(2, String, 'list'), { kind: 'value', version: 1 }))
  expect(kind.message).toBe('invalid state "last": stored as value, declared as list')
})

test('a migration that throws, or returns nothing, is an error that names the state', () => {
  const cause = new RangeError('no such card')
  const throwing = migrationOf(
    of(2, () => {
      throw cause
    }),
    null,
  )
  expect(failure(() => throwing!(1))).toMatchObject({
    code: 'USER_FUNCTION',
    message: 'no such card',
    cause,
    hint: 'thrown by the migration of state "last" from version 1 to 2',
  })
  const nothing = migrationOf(
    of(2, () => undefined),
    null,
  )
  expect(failure(() => nothing!(1)).message).toBe('missing result of the migration of state "last"')
})

const site = { file: 'job.ts', line: 3, column: 7 }
function stateWith(store: StateStore, version: number, migrate?: Evolution['migrate']): OperatorState {
  const evolution = (kind: string): Evolution => ({ name: kind, kind, version, migrate })
  const state: Record<string, StateDeclaration> = {
    value: { kind: 'values', evolution: evolution('value') },
    list: { kind: 'lists', evolution: evolution('list') },
    map: { kind: 'maps', evolution: evolution('map') },
  }
  return new OperatorState(
    operatorSpec({ label: 'watch', site, inputs: [], outputs: [], state, create: () => ({ process() {} }) }),
    store,
  )
}

const KEYS = 40

test.each(stateStores)('in %s, values, each of a list and each of a map are migrated; errors say where', (_, make) => {
  const store = make()
  const old = stateWith(store, 1)
  const cells = (s: OperatorState) => s.handles as unknown as { value: ValueCells; list: ListCells; map: MapCells }
  for (let id = 0; id < KEYS; id++) {
    cells(old).value.set(id, id)
    cells(old).list.set(id, [1, id])
    cells(old).map.set(id, 'a', 1)
    cells(old).map.set(id, 'b', id)
  }
  const told = old.snapshot()
  const restored = stateWith(store, 2, value => ({ n: value }))
  restored.restore(told)
  for (let id = 0; id < KEYS; id++) {
    expect(cells(restored).value.get(id)).toEqual({ n: id })
    expect(cells(restored).list.get(id)).toEqual([{ n: 1 }, { n: id }])
    expect([...cells(restored).map.entries(id)]).toEqual([
      ['a', { n: 1 }],
      ['b', { n: id }],
    ])
  }
  expect(restored.snapshot().get('map')![0].meta).toEqual({ kind: 'map', version: 2 })
  expect(failure(() => stateWith(store, 2).restore(told)).details).toMatchObject({ operator: 'watch', site })
})
