/** Asynchronous functions in whole jobs, on the real clock. */
import { count, environment, tumbling } from '@millrace/api'
import { fromRows } from '@millrace/connectors'
import { int32, row, text } from '@millrace/runtime'
import { describe, expect, it } from 'vitest'

interface Row {
  k: number
  t: number
}

const rows: readonly Row[] = Array.from({ length: 3000 }, (_, k) => ({ k, t: k * 10 }))
const columns = { k: int32, t: int32 }
const stream = (of: readonly Row[] = rows) => environment().stream(fromRows([...of], columns))

/** Settles after so many turns of the event loop. */
async function turns(many: number): Promise<void> {
  for (let i = 0; i < many; i++) await new Promise(resolve => setImmediate(resolve))
}

/** Answers of neighbours come in another order. */
const slowly = async ({ k }: Row): Promise<number> => {
  await turns((k * 7) % 5)
  return k
}

const numbers = rows.map(({ k }) => k)

describe('results', () => {
  it.each([1, 7, 1000])('come in order, %i at a time', async capacity => {
    const some = rows.slice(0, capacity === 1 ? 200 : 3000)
    expect(await stream(some).mapAsync(slowly, { capacity }).collect()).toEqual(some.map(({ k }) => k))
  })

  it('come as they are there, each once', async () => {
    const found = await stream().mapAsync(slowly, { capacity: 100, ordered: false }).collect()
    expect(found).not.toEqual(numbers)
    expect(found.toSorted((a, b) => a - b)).toEqual(numbers)
  })

  it.each([true, false])('are late to no window (ordered: %s)', async ordered => {
    const timed = stream().eventTime('t')
    const answered = timed.mapAsync(async r => ({ ...r, k: await slowly(r) }), { capacity: 50, ordered })
    const windows = answered
      .keyBy(() => 'all')
      .window(tumbling(1000))
      .aggregate({ n: count() })
    const found = await windows.collect()
    expect(found.map(({ windowStart, n }) => [windowStart, n])).toEqual(
      Array.from({ length: 30 }, (_, i) => [i * 1000, 100]),
    )
  })

  it('travel as columns where they are declared', async () => {
    const answered = stream(rows.slice(0, 3)).mapAsync(async ({ k }) => ({ k, name: `n${k}` }))
    const declared = answered.as(row({ k: int32, name: text }))
    expect(declared.explain()).toContain('mapAsync')
    expect(await declared.where(c => c.name.eq('n1')).collect()).toEqual([{ k: 1, name: 'n1' }])
    await expect(answered.as({ k: text }).collect()).rejects.toMatchObject({
      code: 'INVALID_VALUE',
      details: { at: 'the row with k: 0, t: 0', site: { file: 'tests/api/async.test.ts' } },
    })
  })

  it('may be undefined, and need no promise', async () => {
    expect(
      await stream(rows.slice(0, 2))
        .mapAsync(async () => undefined)
        .collect(),
    ).toEqual([undefined, undefined])
    expect(
      await stream(rows.slice(0, 2))
        .mapAsync(({ k }) => k)
        .collect(),
    ).toEqual([0, 1])
  })

  it('of a bounded collection are one; of none there are none', async () => {
    const all = environment().dataset(fromRows(rows.slice(0, 50), columns))
    const sorted = all
      .mapAsync(async r => ({ k: -r.k }))
      .as({ k: int32 })
      .sortBy('k')
      .first(1)
    expect(await sorted.collect()).toEqual([{ k: -49 }])
    expect(await stream([]).mapAsync(slowly).collect()).toEqual([])
  })

  it('come where the loop wants only the first', async () => {
    const seen: number[] = []
    const aborted: unknown[] = []
    const answered = stream().mapAsync(
      async ({ k }, { signal }) => {
        signal.addEventListener('abort', () => aborted.push((signal.reason as { code: string }).code))
        if (k >= 3) await new Promise(() => {})
        return k
      },
      { capacity: 10 },
    )
    for await (const k of answered) {
      seen.push(k)
      if (k === 2) break
    }
    expect(seen).toEqual([0, 1, 2])
    expect(new Set(aborted)).toEqual(new Set(['CANCELLED']))
  })
})

describe('failures', () => {
  const boom = new Error('boom')
  it.each([
    [
      'throws',
      () => {
        throw boom
      },
    ],
    ['rejects', () => Promise.reject(boom)],
  ])('one that %s names operator, row and line, and has its own stack', async (_, fn) => {
    const answered = stream()
      .mapAsync(r => (r.k === 7 ? fn() : r.k))
      .named('enrich')
    await expect(answered.collect()).rejects.toMatchObject({
      code: 'USER_FUNCTION',
      message: 'boom',
      cause: boom,
      details: { at: 'the row with k: 7, t: 70', operator: 'enrich', site: { file: 'tests/api/async.test.ts' } },
    })
  })

  it('are tried again', async () => {
    const attempts: number[] = []
    const answered = stream(rows.slice(0, 1)).mapAsync(
      async ({ k }, { attempt }) => {
        attempts.push(attempt)
        if (attempt < 3) throw new Error('not yet')
        return k
      },
      { retry: { attempts: 3, backoff: 1 } },
    )
    expect(await answered.collect()).toEqual([0])
    expect(attempts).toEqual([1, 2, 3])
  })

  it('one that never settles ends with the time it has', async () => {
    let reason: unknown
    const answered = stream(rows.slice(0, 1)).mapAsync(
      (_, { signal }) => new Promise(() => signal.addEventListener('abort', () => (reason = signal.reason))),
      { timeout: 20 },
    )
    await expect(answered.collect()).rejects.toMatchObject({
      code: 'TIMED_OUT',
      message: 'missing answer: none within 20 ms',
    })
    expect(reason).toMatchObject({ code: 'TIMED_OUT' })
  })

  it('a row that is changed by its function is found', async () => {
    const answered = environment({ check: true })
      .stream(fromRows([...rows], columns))
      .mapAsync(async r => {
        r.k = 5
        return r
      })
    await expect(answered.collect()).rejects.toThrow('invalid change of a row')
  })
})

describe('what cannot be', () => {
  it.each([
    [{ capacity: 0 }, 'invalid capacity of mapAsync: 0'],
    [{ capacity: 1.5 }, 'invalid capacity of mapAsync: 1.5'],
    [{ timeout: 0 }, 'invalid timeout: 0'],
    [{ timeout: '5x' }, 'invalid timeout: "5x"'],
    [{ ordered: 'yes' }, 'invalid ordered of mapAsync: yes'],
    [{ retry: { attempts: 0 } }, 'invalid attempts of mapAsync: 0'],
    [{ retry: { attempts: 2, backoff: -1 } }, 'invalid backoff: -1'],
    [{ retry: { attempts: 2, factor: 0.5 } }, 'invalid factor of retry: 0.5'],
    [{ retry: { attempts: 2, when: true } }, 'invalid function of retry.when: true'],
    [
      { retry: { atempts: 2 } },
      'unknown option of retry: atempts (known: attempts, backoff, factor, maxBackoff, when)',
    ],
    [{ unordered: true }, 'unknown option of mapAsync: unordered (known: capacity, ordered, timeout, retry)'],
  ])('options %j', (options, message) => {
    expect(() => stream().mapAsync(slowly, options as never)).toThrow(message)
  })

  it('no function, an updating input, event time behind it', () => {
    expect(() => stream().mapAsync(5 as never)).toThrow('invalid function of mapAsync: 5')
    const counts = stream().keyBy('k').count()
    // @ts-expect-error rows that are taken back
    expect(() => counts.mapAsync(async r => r)).toThrow('invalid input of mapAsync: updating')
    expect(() =>
      stream()
        .mapAsync(async r => r)
        .eventTime(r => r.t),
    ).toThrow('invalid input of eventTime: what comes from a mapAsync')
  })
})
