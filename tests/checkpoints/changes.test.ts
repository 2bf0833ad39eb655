/** Jobs whose checkpoints are changes of earlier ones: what is in their manifests, and what they go on with when they fail. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { environment, generate, int32, type Sink } from 'millrace'
import { afterEach, beforeEach, expect, test } from 'vitest'

const KEYS = 20_000
const ROWS = 1_500_000

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-changes-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** Most rows are of few keys, so that most keys are not touched between two checkpoints. */
function keyOf(index: number): number {
  return index < KEYS ? index : Math.imul(index, 7919) & 1023
}

/** How many files the longest part of any manifest has that is there now. */
function longestPart(): number {
  const manifests = readdirSync(dir).flatMap(name => (name.startsWith('chk-') ? [join(dir, name, 'manifest')] : []))
  const lengths = manifests.map(path => {
    try {
      const [text = ''] = readFileSync(path, 'utf8').split('\n')
      return Math.max(...(JSON.parse(text) as { parts: unknown[][] }).parts.map(files => files.length))
    } catch {
      return 0 // it is being written, or removed
    }
  })
  return Math.max(0, ...lengths)
}

interface Counted {
  readonly key: number
  readonly count: number
  readonly sum: number
}

/** Keeps the last row of each key. */
function lastRows(): { readonly sink: Sink<Counted, 'appending'>; readonly rows: Map<number, Counted> } {
  const rows = new Map<number, Counted>()
  const sink: Sink<Counted, 'appending'> = {
    label: 'last rows',
    takes: ['appending'],
    open: async () => ({
      ready: true,
      write(batch) {
        for (let i = 0; i < batch.length; i++) {
          const row = batch.row(i) as Counted
          rows.set(row.key, row)
        }
      },
      prepareCommit: async () => [],
      abort: async () => {},
      close: async () => {},
    }),
    commit: async () => {},
  }
  return { sink, rows }
}

function expected(): Map<number, Counted> {
  const rows = new Map<number, Counted>()
  for (let index = 0; index < ROWS; index++) {
    const key = keyOf(index)
    const { count, sum } = rows.get(key) ?? { count: 0, sum: 0 }
    rows.set(key, { key, count: count + 1, sum: sum + (index % 7) })
  }
  return rows
}

test('a job that fails again and again has the same result', async () => {
  let longest = 0
  let failures = 0
  const restored: number[] = []
  const { sink, rows } = lastRows()
  await environment({ checkpoints: { dir, every: 15, restart: { kind: 'fixed', attempts: 10, delay: 0 } } })
    .stream(
      generate({ rows: ROWS, schema: { index: int32, key: int32 } }, index => {
        // Once there has been a change since the last failure.
        if (index > (failures + 1) * 300_000 && failures < 3 && longest > 1) {
          failures++
          longest = 0
          throw new Error('failed on purpose')
        }
        return { index, key: keyOf(index) }
      }),
    )
    .keyBy('key')
    .scan<Counted>(
      () => ({ key: -1, count: 0, sum: 0 }),
      (all, { index, key }) => ({ key, count: all.count + 1, sum: all.sum + (index % 7) }),
    )
    .to(sink)
    .run({
      onEvent(event) {
        if (event.kind === 'checkpoint') longest = Math.max(longest, longestPart())
        if (event.kind === 'restored') restored.push(longestPart())
      },
    })
  expect(rows).toEqual(expected())
  expect(failures).toBeGreaterThan(0)
  expect(Math.max(...restored)).toBeGreaterThan(1)
})
