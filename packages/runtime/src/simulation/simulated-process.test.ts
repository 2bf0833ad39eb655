/** Simulated processes: what one has in memory is gone when it crashes, and another goes on from what is on the disk. */
import { aggregateNode, type PlanNode } from '@millrace/plan'
import { byK, counter, place, read, recorder, write } from '@millrace/testing/jobs'
import { describe, expect, test } from 'vitest'
import type { JobEvent } from '../events.ts'
import { Simulation } from '../host/simulation.ts'
import type { Sink } from '../sink.ts'
import { SimulatedDisk } from './simulated-disk.ts'
import { SimulatedProcess } from './simulated-process.ts'
import { SimulatedStorage } from './simulated-storage.ts'

/** Rows that come one by one, until the end may come. */
function slowCounter(mayEnd: () => boolean) {
  const source = counter(1e9)
  return {
    ...source,
    bounded: false,
    open: (...given: Parameters<typeof source.open>) => {
      const [, { host, wake }] = given
      const reader = source.open(...given)
      let turn = 0
      return {
        ...reader,
        poll: () => {
          if (mayEnd()) return 'end' as const
          if (turn++ % 2 === 0) return reader.poll(1)
          host.timer(host.now() + 20, wake)
          return 'wait' as const
        },
      }
    },
  }
}

interface Program {
  readonly sink?: Sink
  plan?(input: PlanNode): PlanNode
}

function world(seed: number, { sink = recorder(), plan = input => input }: Program = {}) {
  const simulation = new Simulation(seed, 1)
  const disk = new SimulatedDisk()
  const told: JobEvent['kind'][] = []
  let ending = false
  const start = (workers: number, everyMs = 50): SimulatedProcess =>
    new SimulatedProcess({
      simulation,
      workers,
      everyMs,
      minPauseMs: 0,
      timeoutMs: 60_000,
      retain: 1,
      tolerates: 0,
      restart: { kind: 'fixed', attempts: 9, delayMs: 10 },
      sinks: () => [write(plan(read(slowCounter(() => ending))), sink)],
      storage: host => new SimulatedStorage(disk, host),
      report: event => void told.push(event.kind),
    })
  const until = (kind: JobEvent['kind'], times = 1): Promise<void> =>
    new Promise(resolve => {
      simulation.onEvent(() => {
        if (told.filter(each => each === kind).length >= times) resolve()
      })
    })
  const end = (): void => {
    ending = true
  }
  return { simulation, told, start, until, end }
}

const waits = (): string => 'nobody'

describe.each([1, 2])('a job of %i workers', workers => {
  test('goes on in another process when its own has crashed', async () => {
    for (let seed = 0; seed < 5; seed++) {
      const { simulation, told, start, until, end } = world(seed)
      const job = async (): Promise<void> => {
        const process = start(workers)
        await until('checkpoint')
        process.crash()
        expect(process.sites).toEqual([])
        const next = start(workers)
        await until('restored')
        end()
        await next.finished
      }
      await simulation.run(job(), waits)
      expect(told.filter(kind => kind === 'finished' || kind === 'restarting')).toEqual(['finished'])
    }
  })
})

test.each([0, 200])('a worker that is lost, and runs on for %i ms, is replaced with all others', async lingersMs => {
  for (let seed = 0; seed < 5; seed++) {
    const { simulation, told, start, until, end } = world(seed)
    const job = async (): Promise<void> => {
      const process = start(2)
      await until('checkpoint')
      expect(process.crashWorker(1, 10, lingersMs)).toBe(true)
      await until('restored')
      end()
      await process.finished
      expect(process.crashWorker(1, 0, 0)).toBe(false)
    }
    await simulation.run(job(), waits)
    expect(told.filter(kind => kind === 'restarting')).toHaveLength(1)
  }
})

const aggregates = [{ name: 'n', aggregate: 'count', argument: null }] as const
const counts = (input: PlanNode): PlanNode => aggregateNode({ input, key: byK, window: null, aggregates, ...place })

test.each([1, 2])(
  'epochs end in a job of %i workers that goes on, before it takes another checkpoint',
  async workers => {
    for (let seed = 0; seed < 5; seed++) {
      const sink = recorder()
      const { simulation, told, start, until, end } = world(seed, { sink, plan: counts })
      const job = async (): Promise<void> => {
        const process = start(workers)
        await until('checkpoint', 2)
        process.crash()
        const next = start(workers, 1e9)
        await until('restored')
        const before = sink.rows.length
        await new Promise<void>(resolve => {
          simulation.onEvent(() => {
            if (sink.rows.length > before) resolve()
          })
        })
        expect(told).not.toContain('finished')
        end()
        await next.finished
      }
      await simulation.run(job(), waits)
    }
  },
)

test('what was prepared for a checkpoint that never was is discarded when the job begins again', async () => {
  const left = new Set<string>()
  let asked = 0
  const sink: Sink = {
    ...recorder(),
    place: 'one',
    open: () => ({
      ready: true,
      write: () => {},
      prepareCommit: async () => {
        left.add(`${++asked}`)
        if (asked === 1) throw new RangeError('no room')
        return [`${asked}`]
      },
      abort: async () => {},
      close: async () => {},
    }),
    commit: async handles => {
      for (const handle of handles) left.delete(handle as string)
    },
    discard: async () => left.clear(),
  }
  const { simulation, told, start, until, end } = world(1, { sink })
  const job = async (): Promise<void> => {
    const process = start(2)
    await until('restarting')
    expect([told.includes('checkpoint'), left.size]).toEqual([false, 1])
    await until('checkpoint')
    end()
    await process.finished
  }
  await simulation.run(job(), waits)
  expect([...left]).toEqual([])
})
