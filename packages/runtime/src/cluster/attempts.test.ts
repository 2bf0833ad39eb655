/** What is begun ahead while an attempt that has failed still cleans up. */
import { MillraceError } from '@millrace/plan'
import { ManualHost } from '@millrace/testing/contracts/manual-host'
import { expect, test } from 'vitest'
import { Attempts } from './attempts.ts'
import type { RestartStrategy } from './restart.ts'
import type { Attempt } from './running.ts'

/** What happens when the first attempt fails of this error, and no second one can. */
async function afterFailure(error: Error, restart: RestartStrategy): Promise<string[]> {
  const seen: string[] = []
  const errors = [error, new MillraceError('UNKNOWN_COLUMN', 'wrong')]
  const start = ({ failing }: Attempt) => {
    const reason = errors.shift()!
    seen.push('start')
    failing?.(reason)
    seen.push('cleaned up')
    return { finished: Promise.reject(reason), cancel() {}, stop() {} }
  }
  const host = new ManualHost()
  const attempts = new Attempts({
    host,
    restart,
    fingerprint: '',
    storage: { label: 'here' } as never,
    open: async () => ({ checkpoints: { jobId: 'job', newest: async () => undefined } as never }),
    everyMs: 1000,
    minPauseMs: 0,
    timeoutMs: 1000,
    retain: 1,
    tolerates: 0,
    start,
    prepare: () => seen.push('prepare'),
    report: ({ kind }) => seen.push(kind),
  })
  const over = attempts.finished.catch(() => seen.push('over'))
  for (let i = 0; i < 20 && !seen.includes('over'); i++) {
    await new Promise(resolve => setImmediate(resolve))
    host.fireNext()
  }
  await over
  return seen
}

const again = ['cleaned up', 'restarting', 'start', 'cleaned up', 'over']

test('another attempt that follows soon is prepared while the first cleans up', async () => {
  const soon = { kind: 'fixed', attempts: 1, delayMs: 100 } as const
  expect(await afterFailure(new Error('bang'), soon)).toEqual(['start', 'prepare', ...again])
})

test('nothing is kept ready for one that follows late, or for none', async () => {
  const late = { kind: 'fixed', attempts: 1, delayMs: 60_000 } as const
  expect(await afterFailure(new Error('bang'), late)).toEqual(['start', ...again])
  expect(await afterFailure(new Error('bang'), { kind: 'none' })).toEqual(['start', 'cleaned up', 'over'])
  const soon = { kind: 'fixed', attempts: 1, delayMs: 0 } as const
  expect(await afterFailure(new MillraceError('UNKNOWN_COLUMN', 'wrong'), soon)).toEqual([
    'start',
    'cleaned up',
    'over',
  ])
})
