/** Lists and descriptions as a terminal shows them. */
import type { CheckpointSummary, Manifest } from '@millrace/runtime/checkpoints'
import { expect, test } from 'vitest'
import { bytesText, spanText } from './amounts.ts'
import { describeCheckpoint } from './describe-checkpoint.ts'
import { listOf } from './list-of-checkpoints.ts'

const atMs = Date.UTC(2026, 10, 29, 19, 25, 38)
const subtasks = [{ site: 0, finished: false, watermark: 5, driver: null }]
const manifest: Manifest = {
  format: 'millrace checkpoint',
  version: 1,
  id: 12,
  kind: 'checkpoint',
  fence: 3,
  atMs,
  tookMs: 35,
  epoch: 7,
  jobId: 'job',
  fingerprint: 'f00',
  workers: 2,
  keyGroups: 128,
  finished: false,
  operators: [
    {
      id: 'source#1',
      named: false,
      kind: 'source',
      label: 'csv a.csv',
      states: [],
      subtasks,
      splits: [
        { id: 'a.csv', number: 0, site: 1, offset: { byte: 9 } },
        { id: 'b.csv', number: 1, site: 0 },
      ],
    },
    {
      id: 'totals',
      named: true,
      kind: 'operator',
      label: 'totals',
      site: 'job.ts:3:4',
      states: [
        { name: 'state:sum', kind: 'values', version: 2, rows: 1234, bytes: 45_678 },
        { name: 'timers', kind: 'timers', rows: 0, bytes: 0 },
      ],
      subtasks,
    },
    { id: 'sink#1', named: false, kind: 'sink', label: 'csv out/', states: [], subtasks, handles: [1, 2] },
  ],
  parts: [[{ path: 'chk-000012.3/part-0', bytes: 2_000_000, checksum: '00000000' }]],
}
const files = manifest.parts.flat()
const all: CheckpointSummary[] = [
  { id: 11, kind: 'savepoint', complete: true, damage: 'missing checkpoint file: x', files: [] },
  { id: 12, kind: 'checkpoint', complete: true, manifest, files },
  { id: 13, kind: 'checkpoint', complete: false, files },
]

test('a list has a line each', () => {
  expect(listOf('state', all, atMs + 90_000)).toBe(
    [
      '  id  kind        taken (UTC)            age   took    size  ops  state rows',
      '  11  savepoint                                         0 B                   damaged: missing checkpoint file: x',
      '  12  checkpoint  2026-11-29 19:25:38  2 min  35 ms  2.0 MB    3       1,234  newest',
      '  13  checkpoint                                     2.0 MB                   not complete',
    ].join('\n'),
  )
  expect(listOf('state', [], atMs)).toBe('state: no checkpoint yet')
  expect(listOf('s', [{ ...all[1], manifest: { ...manifest, finished: true } }], atMs)).toContain(
    'the job has finished',
  )
})

test('one in full', () => {
  expect(describeCheckpoint(all[1], atMs + 7300)).toBe(`checkpoint 12: complete
  folder     chk-000012.3
  taken      2026-11-29 19:25:38 UTC, 7.3 s ago, in 35 ms
  job        job, 2 workers, 128 key groups
  plan       f00
  size       2.0 MB in 1 file

  operator  state   kind        rows   size  written at
  totals    sum     values v2  1,234  46 kB  job.ts:3:4
            timers  timers         0    0 B

  source                split  worker  goes on at
  source#1 (csv a.csv)  a.csv       1  {"byte":9}
                        b.csv       0  not begun

  sink               prepared outputs
  sink#1 (csv out/)                 2`)
  expect(describeCheckpoint(all[2], atMs)).toBe(
    'checkpoint 13: not complete\n  size       2.0 MB in 1 file\n             chk-000012.3/part-0',
  )
  expect(describeCheckpoint(all[0], atMs)).toContain('savepoint 11: damaged: missing checkpoint file: x')
  const origin = { ...manifest, origin: 'other/save-000001.1', finished: true, workers: 1 }
  expect(describeCheckpoint({ ...all[1], manifest: origin }, atMs)).toMatch(
    /1 worker,[^\n]*\n[^\n]*\n {2}began from other\/save-000001\.1\n {2}finished {3}all input/,
  )
})

test('amounts have three figures at most', () => {
  expect([0, 999, 1000, 9949, 9951, 999_499, 999_500, 5e9, 7e15].map(bytesText)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '9.9 kB',
    '10.0 kB',
    '999 kB',
    '1.0 MB',
    '5.0 GB',
    '7000 TB',
  ])
  expect([0, 999, 1500, 59_999, 60_000, 3_600_000, 172_800_000].map(spanText)).toEqual([
    '0 ms',
    '999 ms',
    '1.5 s',
    '60 s',
    '1 min',
    '1 h',
    '2 d',
  ])
})
