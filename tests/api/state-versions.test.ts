/** A job that goes on from the checkpoint of an older program: its state has another version. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Declared, environment, list, type ReducingState, reducing, type, value } from '@millrace/api'
import { fromRows, memorySink } from '@millrace/connectors'
import { int32, row } from '@millrace/runtime'
import { afterEach, beforeEach, expect, it } from 'vitest'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** More than are read before the job fails, with the work that each is then. */
const ROWS = 300_000
const rows = Array.from({ length: ROWS }, (_, n) => ({ k: n % 3, n }))
interface Seen {
  readonly n: number
  readonly sum: unknown
}

function work(): number {
  let x = 1
  for (let i = 0; i < 10_000; i++) x = (x * 31 + i) | 0
  return x
}

/** Sums the rows up in `state`; `fails`: as soon as there is a checkpoint that was begun when all keys had been seen. */
async function run(state: Declared<ReducingState<unknown>>, fails = false): Promise<readonly Seen[]> {
  const env = environment({ batchRows: 64, checkpoints: { dir, every: fails ? 10 : '1m', restart: 'none' } })
  const sink = memorySink<Seen>()
  let seen = 0
  let checkpoints = 0
  const job = env
    .stream(fromRows(rows, { k: int32, n: int32 }))
    .keyBy('k')
    .process({
      emits: type<Seen>(),
      state: { sum: state, unused: list<number>() },
      onElement({ n }, { state, emit }) {
        if (fails && (work() === 0.5 || checkpoints > 1)) throw new Error('on purpose')
        seen++
        state.sum.add(n)
        emit({ n, sum: state.sum.get() })
      },
    })
    .named('sums')
  await job.to(sink).run({
    onEvent(event) {
      if (event.kind === 'checkpoint' && seen > 3) checkpoints++
    },
  })
  return sink.rows()
}

const numbers = reducing((a: unknown, b: unknown) => Number(a) + Number(b))
const sumOf = (n: number) => rows.reduce((sum, r) => (r.k === n % 3 && r.n <= n ? sum + r.n : sum), 0)

it('is migrated, and goes on from what it was', async () => {
  await expect(run(numbers, true)).rejects.toThrow('on purpose')
  const from: number[] = []
  const texts = reducing<unknown>((a, b) => `${BigInt(String(a)) + BigInt(String(b))}`, {
    version: 2,
    migrate(old, version) {
      from.push(version)
      return String(old)
    },
  })
  const seen = await run(texts)
  expect(from).toEqual([1, 1, 1])
  const last = seen.filter(({ n }) => n >= ROWS - 3)
  expect(last).toEqual([1, 2, 3].map(i => ({ n: ROWS - 4 + i, sum: String(sumOf(ROWS - 4 + i)) })))
})

it('is refused, with operator and state, where nothing says how', async () => {
  await expect(run(numbers, true)).rejects.toThrow('on purpose')
  await expect(run(reducing((a: unknown) => a, { version: 2 }))).rejects.toMatchObject({
    code: 'STATE_MISMATCH',
    message: 'invalid state "sum" of sums: stored as version 1, declared as version 2',
  })
  const other = value(row({ n: int32 })) as unknown as Declared<ReducingState<unknown>>
  await expect(run(other)).rejects.toThrow(/^invalid state "sum" of sums: stored as /)
})
