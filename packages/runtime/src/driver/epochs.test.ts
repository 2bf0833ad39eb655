/** When sources are cut into epochs: what updates is seen in time, and not at every batch. */
import { aggregateNode, type PlanNode } from '@millrace/plan'
import { ManualHost } from '@millrace/testing/contracts'
import { byK, counter, place, read, recorder, simulated, write } from '@millrace/testing/jobs'
import { expect, test } from 'vitest'
import { execute, type JobHandle } from '../execute.ts'
import type { ExecuteOptions } from '../execute-options.ts'
import type { SplitReader } from '../source.ts'

function counted(input: PlanNode): PlanNode {
  const aggregates = [{ name: 'n', aggregate: 'count', argument: null }] as const
  return aggregateNode({ input, key: byK, window: null, aggregates, ...place })
}

/** Stops the job once the sink has written; calls back with every batch. */
async function untilWritten(plan: PlanNode, options: ExecuteOptions, seen: () => void): Promise<void> {
  const sink = recorder()
  const watched = {
    ...sink,
    open: async (context: Parameters<typeof sink.open>[0]) => {
      const writer = await sink.open(context)
      const write = (batch: Parameters<typeof writer.write>[0]): void => {
        writer.write(batch)
        seen()
        job.stop()
      }
      return { ...writer, ready: true, write }
    },
  }
  const job: JobHandle = execute([write(plan, watched)], options)
  await job.finished
}

test('an epoch is over after so many polls, though no time passes', async () => {
  const source = { ...counter(undefined), bounded: false }
  let polls = 0
  const open = source.open
  source.open = (...args) => {
    const reader = open(...args)
    const poll: SplitReader['poll'] = maxRows => {
      polls++
      return reader.poll(maxRows)
    }
    return { ...reader, poll }
  }
  const at: number[] = []
  await untilWritten(counted(read(source)), { host: new ManualHost(), batchRows: 1 }, () => at.push(polls))
  expect(at[0]).toBe(1024)
})

test('an epoch is over after so much time', async () => {
  const source = { ...counter(undefined), bounded: false }
  const options = simulated(1, 1)
  const began = options.host.now()
  const at: number[] = []
  await untilWritten(counted(read(source)), options, () => at.push(options.host.now() - began))
  expect(at[0]).toBeGreaterThanOrEqual(99)
  expect(at[0]).toBeLessThan(200)
})

test('an epoch is over when there is nothing else to do', async () => {
  const sink = recorder()
  const seen: number[] = []
  const source = { ...counter(9), bounded: false }
  const open = source.open
  source.open = (split, context) => {
    const reader = open(split, context)
    let pauses = 0
    const poll: SplitReader['poll'] = () => {
      if (++pauses % 2 === 0) {
        context.host.timer(context.host.now() + 10, context.wake) // sooner than an epoch grows old
        return 'wait'
      }
      seen.push(sink.rows.length)
      return reader.poll(3)
    }
    return { ...reader, poll }
  }
  await execute([write(counted(read(source)), sink)], simulated()).finished
  // Three keys; at each later look the old counts are taken back.
  expect(seen).toEqual([0, 3, 9, 15])
  expect(sink.rows.length).toBe(15)
})

test('an epoch is not over because there is no room for rows that wait to be read', async () => {
  const source = read({ ...counter(1000), bounded: false })
  const counts = recorder()
  const options = { ...simulated(1, 1), batchRows: 1 }
  const began = options.host.now()
  await execute([write(source, recorder(10)), write(counted(source), counts)], options).finished
  const epochs = Math.ceil((options.host.now() - began) / 100)
  expect(epochs).toBeGreaterThan(50) // ten rows each
  expect(counts.rows.length).toBeLessThanOrEqual(2 * 3 * epochs)
  expect(counts.rows.length).toBeGreaterThan(3 * epochs)
})
