/**
 * State on disk: `disk write|check KEYS UPDATES FOLDER CHECKPOINT_MS`.
 *
 * `write`: each of so many keys gets a value of 100 bytes, in turn; then values of keys drawn at random are read and written
 * again, until there were so many updates and a checkpoint of all keys, begun after the first pass, is complete. Tells updates
 * a second of the second pass, during which that checkpoint was taken.
 *
 * `check`: a process of its own goes on from the checkpoint and compares the value of each key with what the rows up to
 * there make it.
 *
 * Both tell the most memory that the process had.
 */
import { blackhole, environment, text, value } from 'millrace'
import { ready, tell } from '../workers/parent.ts'
import { keySource, type Script } from './key-source.ts'

const [mode = '', keyCount, updateCount, dir = '', everyMs] = process.argv.slice(2)
const keys = Number(keyCount)
const updates = Number(updateCount)
const isCheck = mode === 'check'
const CACHE_BYTES = 32 * 2 ** 20

/** The key of row `n`: all in turn, then any. */
function keyOf(n: number): number {
  if (n < keys) return n
  let mixed = Math.imul(n ^ (n >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return Math.floor((((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32) * keys)
}

const FILLING = Array.from({ length: 200 }, (_, i) => String.fromCharCode(33 + ((i * 37) % 90))).join('')
const VERSION = 6

/** The value of a key after so many rows of it: 100 bytes. */
function textOf(key: number, version: number): string {
  const from = (key + version) % 100
  return `${`${version}`.padStart(VERSION, '0')}${`${key}`.padStart(10, '0')}${FILLING.slice(from, from + 84)}`
}

let given = 0
let filledMs = 0
let enough = false
/** In a check: by key, how many rows it had. */
const versions = new Uint8Array(isCheck ? keys : 0)
let wrong = 0
let compared = 0

const script: Script = {
  next(into) {
    if (isCheck) {
      const rows = Math.min(into.length, keys - given)
      for (let i = 0; i < rows; i++) into[i] = given + i
      given += rows
      return rows === 0 ? -2 : rows
    }
    if (enough) return -1
    const rows = given < keys ? Math.min(into.length, keys - given) : into.length
    for (let i = 0; i < rows; i++) into[i] = keyOf(given + i)
    given += rows
    if (given === keys) filledMs = Date.now()
    return rows
  },
  offset: () => given,
  restore(offset) {
    for (let n = 0; n < (offset as number); n++) versions[keyOf(n)]++
  },
}

const stop = new AbortController()
const env = environment({
  state: { store: 'disk', cacheBytes: CACHE_BYTES },
  checkpoints: { dir, every: Number(everyMs), restart: 'none' },
})
const job = env
  .stream(keySource(script, 1e6))
  .keyBy('key')
  .process({
    state: { row: value(text) },
    onElement({ key }, { state }) {
      const before = state.row.get()
      if (!isCheck) return state.row.set(textOf(key, before === undefined ? 1 : Number(before.slice(0, VERSION)) + 1))
      if (before !== textOf(key, versions[key]!)) wrong++
      if (++compared === keys) stop.abort(new Error('measured'))
    },
  })
  .to(blackhole())

await ready()
const beganMs = Date.now()
let taken: { readonly bytes: number; readonly tookMs: number } | undefined
await job
  .run({
    signal: stop.signal,
    onEvent(event) {
      if (event.kind === 'checkpointFailed') stop.abort(event.error)
      if (event.kind === 'checkpoint' && event.atMs > filledMs && filledMs > 0)
        taken ??= { bytes: event.bytes, tookMs: event.tookMs }
      if (taken === undefined || given < keys + updates) return
      enough = true
      stop.abort(new Error('measured'))
    },
  })
  .catch(error => {
    if ((error as Error).message !== 'measured') throw error
  })
const peakBytes = process.resourceUsage().maxRSS * 1024
const endMs = Date.now()
if (isCheck) tell({ wrong, compared, peakBytes, tookMs: endMs - beganMs })
else
  tell({
    fillRate: keys / ((filledMs - beganMs) / 1000),
    rate: (given - keys) / ((endMs - filledMs) / 1000),
    updates: given - keys,
    peakBytes,
    ...taken,
  })
