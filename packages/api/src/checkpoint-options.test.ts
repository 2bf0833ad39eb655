import { resolve } from 'node:path'
import { Schema } from '@millrace/algebra'
import { CHECKPOINT_DEFAULTS } from '@millrace/runtime'
import { expect, test } from 'vitest'
import { type Checkpoints, checkpointOptions } from './checkpoint-options.ts'
import { environment } from './environment.ts'

test('what is left out is as the command line has it', () => {
  expect(checkpointOptions({ dir: 'state' })).toEqual({
    ...CHECKPOINT_DEFAULTS,
    dir: resolve('state'),
    from: undefined,
    allowDropped: false,
    allowOlder: false,
  })
})

test('what is said is taken', () => {
  const given: Checkpoints = {
    dir: '/state',
    every: '1s',
    minPause: 5,
    timeout: '1m',
    retain: 2,
    tolerate: 0,
    restart: { kind: 'failureRate', failures: 2, per: '1m', delay: '1s' },
    from: '/saved',
    allowDroppedState: true,
    allowOlderCheckpoint: true,
  }
  expect(checkpointOptions(given)).toEqual({
    dir: '/state',
    everyMs: 1000,
    minPauseMs: 5,
    timeoutMs: 60_000,
    retain: 2,
    tolerates: 0,
    restart: { kind: 'failureRate', failures: 2, perMs: 60_000, delayMs: 1000 },
    from: '/saved',
    allowDropped: true,
    allowOlder: true,
  })
})

test.each([
  [null, 'invalid checkpoints: null'],
  ['state', 'invalid checkpoints: state'],
  [{ dir: '' }, 'invalid dir of checkpoints: ""'],
  [{ dir: 'a\0b' }, 'invalid dir of checkpoints: "a\\u0000b"'],
  [{ dir: 'x', every: -1 }, 'invalid every: -1'],
  [{ dir: 'x', every: Number.NaN }, 'invalid every: NaN'],
  [{ dir: 'x', timeout: 'soon' }, 'invalid timeout: "soon"'],
  [{ dir: 'x', from: 3 }, 'invalid from of checkpoints: 3'],
  [{ dir: 'x', allowDroppedState: 'yes' }, 'invalid allowDroppedState: yes'],
  [{ dir: 'x', retain: 0 }, 'invalid retain: 0'],
  [{ dir: 'x', restart: { kind: 'often' } }, 'invalid restart: {"kind":"often"}'],
  [{ dir: 'x', form: 'y' }, 'unknown option of checkpoints: form (known: dir, every,'],
])('%j is refused', (given, message) => {
  expect(() => checkpointOptions(given as never)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) }),
  )
})

test('what is no options at all says what they look like', () => {
  expect(() => environment({ checkpoints: null } as never)).toThrow(
    expect.objectContaining({ hint: "give { dir: './state', every: '10s' }, or leave it out to take none" }),
  )
})

test('a name, and the one before it, are text', () => {
  const source = { label: 'x', schema: Schema.opaque, bounded: false, open() {}, splits: async () => [] }
  expect(() =>
    environment()
      .stream(source as never)
      .named('a', { was: '' }),
  ).toThrow('invalid name: ""')
  expect(() =>
    environment()
      .stream(source as never)
      .named('a', { were: 'b' } as never),
  ).toThrow(/unknown option of named: were/)
})
