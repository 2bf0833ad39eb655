/** Calls one by one, on a clock that moves when it is told to. */
import { MillraceError } from '@millrace/plan'
import { ManualHost } from '@millrace/testing/contracts/manual-host'
import { describe, expect, test } from 'vitest'
import type { CallContext, CallSpec } from '../call-spec.ts'
import { Request } from '../state/requests.ts'
import { AsyncCalls } from './async-calls.ts'

interface Open {
  readonly row: unknown
  readonly context: CallContext
  resolve(value: unknown): void
  reject(error: unknown): void
}

function world(spec: Partial<CallSpec> = {}) {
  const host = new ManualHost()
  const open: Open[] = []
  let woken = 0
  const fn = (row: unknown, context: CallContext) =>
    new Promise((resolve, reject) => open.push({ row, context, resolve, reject }))
  const whole: CallSpec = {
    fn: fn as CallSpec['fn'],
    timeoutMs: 1000,
    attempts: 1,
    backoffMs: attempt => 10 * attempt,
    retries: () => true,
    ...spec,
  }
  const calls = new AsyncCalls(whole, host, () => woken++)
  const start = (row: unknown): Request => {
    const request = new Request(row, undefined, 0)
    calls.start(request)
    return request
  }
  return { host, open, calls, start, woken: () => woken }
}

/** The alarm, and its second ring. */
function alarm(host: ManualHost): void {
  host.fireNext()
  host.fireNext()
}

const settled = () => new Promise(resolve => setImmediate(resolve))
const answers = (calls: AsyncCalls) => calls.take().map(({ answer }) => answer)

function failure(calls: AsyncCalls): MillraceError {
  try {
    calls.take()
  } catch (error) {
    if (error instanceof MillraceError) return error
  }
  throw new Error('nothing has failed')
}

/** Like a promise, and none. */
function thenable(settle: (resolve: (value: unknown) => void) => void): object {
  return Object.defineProperty({}, 'then', { value: settle })
}

function fail(error: Error): never {
  throw error
}

describe('answers', () => {
  test('are taken in the order in which they came, with one call', async () => {
    const { open, calls, start, woken } = world()
    const requests = ['a', 'b', 'c'].map(start)
    for (const at of [2, 0]) {
      open[at]!.resolve(at)
      await settled()
    }
    expect([calls.waiting, woken(), requests[0]!.answered]).toEqual([true, 1, false])
    expect(calls.take()).toEqual([requests[2], requests[0]])
    expect([calls.waiting, requests[0]!.answered, requests[1]!.answered]).toEqual([false, true, false])
    expect(calls.take()).toEqual([])
  })

  test.each([
    ['a value', () => 5, 5],
    ['undefined', () => undefined, undefined],
    ['null', () => null, null],
    ['a promise of undefined', async () => undefined, undefined],
    ['what is like a promise', () => thenable(resolve => resolve(6)), 6],
  ])('may be %s', async (_, fn, expected) => {
    const { calls, start } = world({ fn })
    start('row')
    await settled()
    expect(answers(calls)).toEqual([expected])
  })
})

describe('failures', () => {
  const boom = new Error('boom')
  test.each([
    [
      'thrown',
      () => {
        throw boom
      },
    ],
    ['rejected', () => Promise.reject(boom)],
    ['thrown by what is like a promise', () => thenable(() => fail(boom))],
    ['thrown in asking for what is like a promise', () => Object.defineProperty({}, 'then', { get: () => fail(boom) })],
  ])('%s name the row, and keep the cause', async (_, fn) => {
    const { calls, start } = world({ fn: fn as never })
    start({ id: 7, name: 'x' })
    await settled()
    const error = failure(calls)
    expect(error).toMatchObject({ code: 'USER_FUNCTION', message: 'boom', cause: boom })
    expect(error.details.at).toBe('the row with id: 7, name: "x"')
  })

  test('that are no errors are said as text', async () => {
    const { calls, start } = world({ fn: () => Promise.reject('no') })
    start(3)
    await settled()
    expect(failure(calls)).toMatchObject({ code: 'USER_FUNCTION', message: 'no', details: { at: 'the row 3' } })
  })

  test('are tried again after a pause, the longer the more often, and then are final', async () => {
    const { host, open, calls, start } = world({ attempts: 3 })
    start('a')
    for (const attempt of [1, 2, 3]) {
      expect(open.at(-1)!.context.attempt).toBe(attempt)
      open.at(-1)!.reject(new Error(`no ${attempt}`))
      await settled()
      if (attempt === 3) break
      const before = host.now()
      expect(calls.waiting).toBe(false)
      host.fireNext()
      expect(host.now() - before).toBe(10 * (attempt + 1))
    }
    expect(failure(calls)).toMatchObject({ message: 'no 3', details: { at: 'the row "a", attempt 3 of 3' } })
  })

  test('that are not worth it are final at once; so is an error of the function that decides', async () => {
    const first = world({ attempts: 3, retries: error => (error as Error).message !== 'fatal' })
    first.start('a')
    first.open[0]!.reject(new Error('fatal'))
    await settled()
    expect(failure(first.calls).details.at).toBe('the row "a", attempt 1 of 3')
    const second = world({
      attempts: 3,
      retries: () => {
        throw new Error('of the other')
      },
    })
    second.start('a')
    second.open[0]!.reject(new Error('first'))
    await settled()
    expect(failure(second.calls).message).toBe('of the other')
  })

  test('of the engine keep their code', async () => {
    const { calls, start } = world({ fn: () => Promise.reject(new MillraceError('IO', 'missing disk')) })
    start('a')
    await settled()
    expect(failure(calls)).toMatchObject({ code: 'IO', details: { at: 'the row "a"' } })
  })
})

describe('time', () => {
  test('an attempt that takes too long is aborted and has failed; what it gives afterwards is not heard', async () => {
    const { host, open, calls, start } = world({ attempts: 2 })
    const request = start('a')
    const { signal } = open[0]!.context
    expect(signal.aborted).toBe(false)
    alarm(host)
    expect([signal.aborted, (signal.reason as MillraceError).code]).toEqual([true, 'TIMED_OUT'])
    host.fireNext() // the pause
    open[0]!.resolve('late')
    await settled()
    expect([calls.waiting, request.answered]).toEqual([false, false])
    open[1]!.resolve('in time')
    await settled()
    expect(answers(calls)).toEqual(['in time'])
  })

  test('an answer that comes between the two rings of the alarm was in time', async () => {
    const { host, open, calls, start } = world()
    start('a')
    host.fireNext()
    open[0]!.resolve('held up')
    await settled()
    host.fireNext()
    expect(answers(calls)).toEqual(['held up'])
  })

  test('the last that takes too long fails for good', () => {
    const { host, calls, start } = world()
    start('a')
    alarm(host)
    expect(failure(calls)).toMatchObject({ code: 'TIMED_OUT', message: 'missing answer: none within 1000 ms' })
  })

  test('a signal that is first asked for afterwards is aborted', () => {
    const { host, open, start } = world()
    start('a')
    alarm(host)
    expect(open[0]!.context.signal.aborted).toBe(true)
  })

  test('every attempt has all of its time', async () => {
    const { host, open, calls, start } = world({ attempts: 9 })
    start('a')
    const began = host.now()
    open[0]!.reject(new Error('no'))
    await settled()
    host.fireNext() // the pause
    const second = host.now()
    alarm(host) // for the first, which is over
    expect([host.now() - began, open[1]!.context.signal.aborted]).toEqual([1001, false])
    alarm(host)
    expect([host.now() - second, open[1]!.context.signal.aborted]).toEqual([1001, true])
    expect(calls.waiting).toBe(false)
  })
})

describe('the end of the job', () => {
  test('aborts what is under way, and leaves no timer', async () => {
    const { host, open, calls, start, woken } = world({ attempts: 2 })
    const [first, second] = [start('a'), start('b')]
    const { signal } = open[0]!.context
    open[1]!.reject(new Error('no'))
    await settled()
    const reason = new Error('over')
    calls.cancel(reason)
    expect([signal.aborted, signal.reason]).toEqual([true, reason])
    expect(host.fireNext()).toBe(false)
    open[0]!.resolve(1)
    await settled()
    expect([first.answered, second.answered, calls.waiting, woken()]).toEqual([false, false, false, 0])
  })

  test('where nothing is under way one timer is left, which ends itself', async () => {
    const { host, open, calls, start } = world()
    start('a')
    open[0]!.resolve(1)
    await settled()
    expect(answers(calls)).toEqual([1])
    expect([host.fireNext(), host.fireNext(), host.fireNext()]).toEqual([true, true, false])
  })
})
