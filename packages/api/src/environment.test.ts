import type { PlanNode } from '@millrace/plan'
import { type Sink, type Source, setMode } from '@millrace/runtime'
import { failureOf, schemaOf } from '@millrace/testing/plans'
import { afterEach, describe, expect, it } from 'vitest'
import { environment } from './environment.ts'
import type { EnvironmentOptions } from './environment-options.ts'
import type { Job } from './job.ts'

function sourceOf<E extends boolean>(bounded: E, onError?: 'sideOutput'): Source<{ n: number }, E> {
  return {
    label: 'numbers',
    schema: schemaOf('n int32'),
    bounded,
    prunes: false,
    ...(onError === undefined ? {} : { onError }),
    splits: async () => [],
    open: () => {
      throw new Error('not read')
    },
  }
}

const sink: Sink<unknown, 'bounded' | 'appending'> = {
  label: 'somewhere',
  takes: ['bounded', 'appending'],
  commit: async () => {},
  open: () => {
    throw new Error('not written')
  },
}

describe('environment', () => {
  it.each<[unknown, string]>([
    [
      { paralelism: 2 },
      'unknown option of environment: paralelism (known: parallelism, job, memory, workerTimeout, batchRows, checkpoints, state, host, check)',
    ],
    [{ parallelism: 0 }, 'invalid parallelism: 0'],
    [{ parallelism: 1.5 }, 'invalid parallelism: 1.5'],
    [{ parallelism: 129 }, 'invalid parallelism: 129'],
    [{ parallelism: 1e6 }, 'invalid parallelism: 1000000'],
    [{ parallelism: Number.NaN }, 'invalid parallelism: NaN'],
    [{ parallelism: '2' }, 'invalid parallelism: 2'],
    [{ memory: -1 }, 'invalid memory: -1'],
    [{ job: 5 }, 'invalid job: 5'],
    [{ workerTimeout: '0s' }, 'invalid workerTimeout: "0s"'],
    [{ workerTimeout: 'soon' }, 'invalid workerTimeout: "soon"'],
    [{ parallelism: 2, host: {} }, 'invalid host: workers have their own'],
    [{ batchRows: 0 }, 'invalid batchRows: 0'],
    [{ batchRows: 5000 }, 'invalid batchRows: 5000'],
    [{ state: {} }, "missing store of state: 'memory' or 'disk'"],
    [{ state: { store: 'dsik' } }, 'unknown store of state: dsik (known: memory, disk)'],
    [{ state: { store: 'disk', folder: 'a' } }, 'unknown option of state: folder (known: store, dir, cacheBytes)'],
    [{ state: { store: 'disk', dir: '' } }, 'invalid dir of state: '],
    [{ state: { store: 'disk', cacheBytes: 0.5 } }, 'invalid cacheBytes of state: 0.5'],
    [{ state: { store: 'memory', dir: 'a' } }, "invalid state: 'memory' has no dir and no cacheBytes"],
    [null, 'invalid options of environment: null'],
  ])('refuses %j', (options, message) => {
    const error = failureOf(() => environment(options as EnvironmentOptions))
    expect(error.message).toBe(message)
    expect(error.details.site?.file).toContain('environment.test.ts')
  })

  it('reads what ends as a dataset, and anything as a stream', () => {
    const env = environment({ parallelism: 1, batchRows: 10 })
    expect(env.dataset(sourceOf(true)).explain()).toMatch(/^source numbers: n {2}\[bounded\] {2}at packages.api.src/)
    expect(env.stream(sourceOf(true)).explain()).toMatch(
      /^stream {2}\[appending\].*\n└─ source numbers: n {2}\[bounded\]/,
    )
    expect(env.stream(sourceOf(false)).explain()).toMatch(/^source numbers: n {2}\[appending\]/)
    const error = failureOf(() => env.dataset(sourceOf(false) as unknown as Source<unknown, true>))
    expect(`${error.code}: ${error.message}`).toBe('WRONG_KIND: invalid source of a dataset: numbers never ends')
    expect(failureOf(() => env.stream('flights.csv' as never)).message).toBe('invalid source: flights.csv')
  })
  it('gives the rejected rows of a source that was told to keep them', () => {
    const env = environment()
    const source = sourceOf(true, 'sideOutput')
    expect(env.rejected(source).explain()).toMatch(/^stream .*\n└─ side rejected .*\n {3}└─ source numbers/)
    expect(failureOf(() => env.rejected(sourceOf(true))).hint).toContain("onError: 'sideOutput'")
  })
})

describe('jobs', () => {
  afterEach(() => setMode(undefined))

  it('hand their plan over where the command line asks for it, and never settle', async () => {
    const plans: (readonly PlanNode[])[] = []
    setMode({ explain: roots => void plans.push(roots), running: 0 })
    const env = environment()
    const numbers = env.stream(sourceOf(true))
    const settled: string[] = []
    const follow = (name: string, promise: Promise<unknown>) => promise.finally(() => settled.push(name))
    follow('run', numbers.to(sink).run())
    follow('run all', env.run([numbers.to(sink), numbers.where(c => c.n.gt(1)).to(sink)]))
    follow('collect', numbers.collect())
    follow('for await', numbers[Symbol.asyncIterator]().next())
    await new Promise(resolve => setTimeout(resolve, 5))
    expect(settled).toEqual([])
    const kinds = plans.map(roots => roots.map(root => root.kind === 'sink' && root.sink.label))
    expect(kinds).toEqual([['somewhere'], ['somewhere', 'somewhere'], ['collect'], ['for await']])
  })
  it('explain themselves', () => {
    const job = environment().stream(sourceOf(true)).to(sink)
    expect(job.explain()).toMatch(/^sink somewhere {2}\[appending\].*\n└─ stream/)
  })
  it('refuse what is no job of theirs', async () => {
    const env = environment()
    const job = env.stream(sourceOf(true)).to(sink)
    const message = (jobs: unknown, options?: object) =>
      env.run(jobs as readonly Job[], options).catch((error: Error) => error.message)
    expect(await message([])).toBe('missing jobs')
    expect(await message([{ run() {} }])).toBe('invalid job: [object Object]')
    expect(await message([environment().stream(sourceOf(true)).to(sink)])).toContain('from another environment')
    expect(await message([job], { onevent() {} })).toBe('unknown option of run: onevent (known: signal, onEvent)')
  })
  it('refuse a sink that cannot take their collection', () => {
    const counts = environment().stream(sourceOf(true)).keyBy('n').count()
    const error = failureOf(() => counts.to(sink as never))
    expect(error.message).toBe('invalid collection for somewhere: updating (takes: bounded, appending)')
    expect(error.describe()).toMatch(/environment\.test\.ts:\d+:\d+ {2}to$/)
  })
})
