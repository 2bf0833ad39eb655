import { MillraceError } from '@millrace/plan'
import { expect, test } from 'vitest'
import { errorFrom, plainError } from './plain-error.ts'

const carried = (error: unknown): Error => errorFrom(structuredClone(plainError(error)))

test('a MillraceError stays one, with what it knows and the stack it had', () => {
  const site = { file: 'job.ts', line: 7, column: 3 }
  const error = new MillraceError('USER_FUNCTION', 'no twos', {
    hint: 'try threes',
    operator: 'map',
    site,
    worker: 1,
    cause: new RangeError('two'),
  })
  const after = carried(error) as MillraceError
  expect(after).toBeInstanceOf(MillraceError)
  expect([after.code, after.kind, after.message, after.stack]).toEqual([error.code, error.kind, 'no twos', error.stack])
  expect(after.describe()).toBe(error.describe())
  expect(after.cause).toMatchObject({ name: 'RangeError', message: 'two', stack: (error.cause as Error).stack })
})

test("another error keeps name, message, stack and cause; its class only if it is the language's", () => {
  class Unpaid extends Error {
    override readonly name = 'Unpaid'
  }
  const unpaid = carried(new Unpaid('bill 7'))
  expect([String(unpaid), unpaid.constructor]).toEqual(['Unpaid: bill 7', Error])
  const error = new TypeError('no function', { cause: 'because' })
  const after = carried(error)
  expect(after).toBeInstanceOf(TypeError)
  expect([after.name, after.message, after.stack]).toEqual(['TypeError', 'no function', error.stack])
  expect(String(after)).toBe('TypeError: no function')
  expect((after.cause as Error).message).toBe('because')
})

test('what was thrown and is no error is shown', () => {
  const circle: { self?: unknown } = {}
  circle.self = circle
  expect([1, 'text', null, undefined, { a: 1 }, circle].map(thrown => carried(thrown).message)).toEqual([
    '1',
    'text',
    'null',
    'undefined',
    '{"a":1}',
    '[object Object]',
  ])
})

test('causes that go round are cut off', () => {
  const error = new Error('round')
  error.cause = error
  let depth = 0
  for (let at: unknown = carried(error); at instanceof Error; at = at.cause) depth++
  expect(depth).toBeGreaterThan(1)
  expect(depth).toBeLessThan(20)
})

test('a code of another version is no code', () => {
  const { code: _, ...plain } = plainError(new MillraceError('IO', 'gone'))
  expect(errorFrom({ ...plain, code: 'TO_COME' })).not.toBeInstanceOf(MillraceError)
  expect(errorFrom({ ...plain, code: 'toString' })).not.toBeInstanceOf(MillraceError)
})
