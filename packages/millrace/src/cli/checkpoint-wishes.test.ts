import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { takeFlags, wishesOf } from './checkpoint-wishes.ts'

test('options right behind the file are taken, up to the first that is none, or --', () => {
  const args = ['--checkpoints', 'state', '--checkpoint-every=5s', '--allow-dropped-state', '--day', '1', '--from', 'x']
  expect(takeFlags(args, { parallelism: '2' })).toEqual({
    flags: { parallelism: '2', checkpoints: 'state', checkpointEvery: '5s', allowDroppedState: true },
    rest: ['--day', '1', '--from', 'x'],
  })
  expect(takeFlags(['--parallelism', '3', '--', '--from', 'x'], {})).toEqual({
    flags: { parallelism: '3' },
    rest: ['--from', 'x'],
  })
  expect(takeFlags(['a', '--checkpoints', 'state'], {})).toEqual({ flags: {}, rest: ['a', '--checkpoints', 'state'] })
  expect(() => takeFlags(['--from'], {})).toThrow('missing PATH of --from')
})

test('they become what the mode says', () => {
  expect(wishesOf({})).toEqual({})
  expect(wishesOf({ parallelism: '3' })).toEqual({ parallelism: 3 })
  expect(
    wishesOf({
      checkpoints: 'state',
      checkpointEvery: '1m',
      from: 'x',
      allowOlderCheckpoint: true,
      allowDroppedState: true,
    }),
  ).toEqual({
    checkpoints: { dir: resolve('state'), everyMs: 60_000, from: resolve('x'), allowOlder: true, allowDropped: true },
  })
  expect(wishesOf({ checkpointEvery: '250' })).toEqual({ checkpoints: { everyMs: 250 } })
})

test.each([
  [{ parallelism: '0' }, 'invalid --parallelism: 0'],
  [{ parallelism: '129' }, 'invalid --parallelism: 129'],
  [{ parallelism: '1.5' }, 'invalid --parallelism: 1.5'],
  [{ checkpoints: '' }, 'invalid --checkpoints: ""'],
  [{ from: '' }, 'invalid --from: ""'],
  [{ checkpointEvery: 'soon' }, 'invalid --checkpoint-every'],
  [{ checkpointEvery: '0' }, 'invalid --checkpoint-every: 0'],
])('%j is refused', (flags, message) => {
  expect(() => wishesOf(flags)).toThrow(message)
})
