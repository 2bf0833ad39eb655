import { MillraceError } from '@millrace/plan'
import { expect, test } from 'vitest'
import { describeError } from './report.ts'

const stack = `Error: x
    at step (/app/job.ts:3:5)
    at Object.<anonymous> (file:///app/parts/other%20one.ts:10:1)
    at async file:///app/job.ts:7:2
    at ModuleJob.run (node:internal/modules/esm/module_job:325:25)
    at async main (/app/node_modules/commander/lib/command.js:1:1)`

function withStack<E extends Error>(error: E): E {
  error.stack = stack
  return error
}

test("a user's error: name, message, the user's own lines down to the loader", () => {
  expect(describeError(withStack(new RangeError('too far')), false)).toBe(
    'RangeError: too far\n  at /app/job.ts:3:5\n  at /app/parts/other one.ts:10:1\n  at /app/job.ts:7:2',
  )
})

test("an error of the engine describes itself, then where the user's own error was thrown", () => {
  const cause = withStack(new TypeError('seven'))
  const site = { file: 'job.ts', line: 1, column: 2 }
  const error = new MillraceError('USER_FUNCTION', 'invalid row: seven', {
    hint: 'mend it',
    site,
    operator: 'map',
    cause,
  })
  expect(describeError(error, false)).toBe(
    'invalid row: seven\n  mend it\n  at job.ts:1:2  map\n  thrown at /app/job.ts:3:5\n  at /app/parts/other one.ts:10:1\n  at /app/job.ts:7:2',
  )
})

test('an error of another copy of the engine is known by its shape', () => {
  const foreign = Object.assign(new Error('missing X'), {
    name: 'MillraceError',
    kind: 'usage',
    describe: () => 'missing X\n  hint',
  })
  expect(describeError(foreign, false)).toBe('missing X\n  hint')
})

test("the engine's own fault shows all there is; so does --stack", () => {
  expect(describeError(withStack(new MillraceError('INTERNAL', 'impossible')), false)).toContain('command.js:1:1')
  expect(describeError(withStack(new Error('x')), true)).toContain('command.js:1:1')
})

test('causes and values that are no errors', () => {
  const error = withStack(new Error('outer', { cause: withStack(new Error('inner', { cause: 'text' })) }))
  expect(describeError(error, false)).toMatch(/^Error: outer\n(.*\n)+caused by Error: inner\n/)
  expect(describeError(undefined, false)).toBe('thrown: undefined')
  expect(describeError({ a: { b: 1 } }, false)).toBe('thrown: { a: { b: 1 } }')
})
