import type { JobEvent, JobSummary } from '@millrace/runtime'
import { expect, test } from 'vitest'
import { progress, progressLine, warnings, workersLine } from './progress.ts'

const summary: JobSummary = {
  rowsRead: 2_400_000,
  rowsWritten: 10,
  late: 0,
  skipped: 0,
  watermark: -Infinity,
  elapsedMs: 1200,
}

test('a line says how long, how many, how fast', () => {
  expect(progressLine(summary)).toBe('   1.2 s  2,400,000 rows  2.00 M rows/s')
  expect(progressLine({ ...summary, rowsRead: 24_000 })).toBe('   1.2 s  24,000 rows  20 k rows/s')
  expect(progressLine({ ...summary, rowsRead: 24 })).toBe('   1.2 s  24 rows  20 rows/s')
  expect(progressLine({ ...summary, elapsedMs: 0 })).toContain('  0 rows/s')
  const inOneMs = (rowsRead: number) =>
    progressLine({ ...summary, elapsedMs: 1, rowsRead })
      .split('  ')
      .at(-1)
  expect([9, 10, 999, 1000].map(inOneMs)).toEqual(['9000 rows/s', '10 k rows/s', '999 k rows/s', '1.00 M rows/s'])
})

test('watermark, late and skipped rows only where there are any', () => {
  const line = progressLine({ ...summary, watermark: Date.UTC(2001, 2, 4, 5, 6, 7, 8), late: 1234, skipped: 5 })
  expect(line).toMatch(/ {2}watermark 2001-03-04 05:06:07 {2}late 1,234 {2}skipped 5$/)
  expect(progressLine({ ...summary, watermark: 8.64e15 })).toContain('watermark +275760-09-13')
  expect(progressLine({ ...summary, watermark: 8.64e15 + 1 })).not.toContain('watermark')
  expect(progressLine({ ...summary, watermark: Infinity })).not.toContain('watermark')
})

test('the first figures at once, then every other second, and the last always', () => {
  const lines: string[] = []
  const tell = progress(line => lines.push(line))
  const metrics = (atMs: number): JobEvent => ({
    kind: 'metrics',
    atMs,
    operators: [],
    workers: [],
    memory: { channels: 0, waiting: 0, kept: 0, queued: 0 },
    summary: { ...summary, rowsRead: atMs },
  })
  tell({ kind: 'started', atMs: 1000, operators: [] })
  for (let atMs = 1000; atMs <= 5200; atMs += 200) tell(metrics(atMs))
  tell({ kind: 'rejected', at: 'a.csv:3', message: 'no number' })
  tell({ kind: 'finished', atMs: 5300, summary: { ...summary, rowsRead: 7 } })
  expect(lines.map(line => / ([\d,]+) rows /.exec(line)?.[1] ?? line)).toEqual([
    '1,000',
    '3,000',
    '5,000',
    'skipped a.csv:3: no number',
    '7',
  ])
})

test('a reader that could not be closed is a warning', () => {
  const lines: string[] = []
  progress(line => lines.push(line))({ kind: 'notClosed', source: 'csv', split: 'a.csv', message: 'EIO' })
  expect(lines).toEqual(['warning: csv, a.csv: not closed: EIO'])
})

test('several workers: how busy each was since the last line, and held up if it was', () => {
  const worker = (busyMs: number, idleMs: number, backpressuredMs: number) => ({ busyMs, idleMs, backpressuredMs })
  expect(workersLine([worker(5, 0, 0)], [])).toBe('')
  const first = [worker(90, 10, 0), worker(50, 50, 0), worker(0, 100, 0)]
  expect(workersLine(first, [])).toBe('  busy 90 % 50 %')
  expect(workersLine([worker(140, 10, 50), worker(150, 50, 0), worker(0, 200, 0)], first)).toBe(
    '  busy 50 % 100 %  held up 50 % 0 %',
  )
  expect(workersLine(first, first)).toBe('  busy 0 % 0 %')
})

test('the last checkpoint, and where the job goes on from', () => {
  const lines: string[] = []
  const tell = progress(line => lines.push(line))
  const added = ['totals']
  tell({ kind: 'restored', id: 3, takenAtMs: Date.UTC(2026, 0, 2), finished: false, added, dropped: [] })
  tell({ kind: 'restored', id: 4, takenAtMs: Date.UTC(2026, 0, 2), finished: true, added: [], dropped: [] })
  tell({ kind: 'checkpoint', id: 5, atMs: 0, tookMs: 35, bytes: 1_200_000 })
  const memory = { channels: 0, waiting: 0, kept: 0, queued: 0 }
  tell({ kind: 'metrics', atMs: 1000, operators: [], workers: [], memory, summary })
  expect(lines).toEqual([
    'goes on from checkpoint 3 of 2026-01-02 00:00:00 UTC',
    'begin anew: totals',
    'goes on from checkpoint 4 of 2026-01-02 00:00:00 UTC: the job had finished, and there is nothing left to do',
    `${progressLine(summary)}  checkpoint 5 (1.2 MB, 35 ms)`,
  ])
})

test('what went wrong and was got over is told in any case', () => {
  const lines: string[] = []
  const tell = warnings(line => lines.push(line))
  tell({ kind: 'restarting', atMs: 0, error: new Error('lost'), afterMs: 1500 })
  tell({ kind: 'checkpointFailed', id: 7, error: 'full' })
  tell({ kind: 'restored', id: 3, takenAtMs: 0, finished: false, added: ['x'], dropped: ['a: state "b"'] })
  tell({ kind: 'finished', atMs: 0, summary })
  expect(lines).toEqual([
    'warning: the job failed, and begins again in 1.5 s: lost',
    'warning: checkpoint 7 failed: full',
    'warning: dropped a: state "b"',
  ])
})
