/**
 * A running count of each of a million keys that says what it puts out: `counting FOLDER WORKERS`. It tells of each complete
 * checkpoint, and, once it goes on from one, the first row it puts out. With more than one worker the last of them is lost
 * when the file `lose` is in the folder's place beside it; the row told is then the first after that.
 */
import { existsSync, rmSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import type { AnyColumn, Batch } from '@millrace/algebra'
import { environment, generate, int32, type Sink } from 'millrace'

const KEYS = 1e6
const [dir = '', workerCount] = process.argv.slice(2)
const workers = Number(workerCount)
const loseFile = `${dir}.lose`

export interface Counted {
  readonly index: number
  readonly count: number
}

let restored = false
let looked = 0

/** The thread ends at what nobody catches. */
function loseMaybe(): void {
  if (isMainThread || (++looked & 4095) !== 0 || !existsSync(loseFile)) return
  rmSync(loseFile, { force: true })
  setTimeout(() => {
    throw new Error('lost')
  })
}

const told: Sink<Counted, 'appending'> = {
  label: 'told',
  takes: ['appending'],
  place: 'caller', // where it is heard that the job goes on
  open: async () => ({
    ready: true,
    write({ columns, length, selection }: Batch) {
      if (!restored || length === 0) return
      const { values } = columns[0] as AnyColumn
      restored = false
      process.send?.({ row: values[selection === null ? 0 : selection[0]!] })
    },
    prepareCommit: async () => [],
    abort: async () => {},
    close: async () => {},
  }),
  commit: async () => {},
}

if (isMainThread) process.send?.('ready')
await environment({
  parallelism: workers,
  checkpoints: { dir, every: '500ms', restart: { kind: 'fixed', attempts: 3, delay: 0 } },
})
  .stream(generate({ splits: 1, schema: { index: int32, key: int32 } }, index => ({ index, key: index % KEYS })))
  .keyBy('key')
  .scan<Counted>(
    () => ({ index: 0, count: 0 }),
    ({ count }, { index }) => {
      if (workers > 1) loseMaybe()
      return { index, count: count + 1 }
    },
  )
  .to(told)
  .run({
    onEvent(event) {
      if (event.kind === 'checkpoint') process.send?.({ checkpoint: event.id })
      if (event.kind === 'restored') restored = true
    },
  })
