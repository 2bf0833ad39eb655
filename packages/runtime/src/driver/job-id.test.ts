/** The name of a run, as sinks see it. */
import { counter, read, recorder, write } from '@millrace/testing/jobs'
import { expect, test } from 'vitest'
import { execute } from '../execute.ts'
import type { Sink } from '../sink.ts'

test('all writers of a run hear its name, and no two runs have the same', async () => {
  const ids: string[] = []
  const sink = (): Sink => {
    const inner = recorder()
    return {
      ...inner,
      open: context => {
        ids.push(context.jobId)
        return inner.open(context)
      },
    }
  }
  for (let run = 0; run < 2; run++) {
    const shared = read(counter(5))
    await execute([write(shared, sink()), write(shared, sink())]).finished
  }
  expect(ids[0]).toMatch(/^[0-9a-z]{20}$/)
  expect([ids[1], ids[3]]).toEqual([ids[0], ids[2]])
  expect(ids[2]).not.toBe(ids[0])
})
