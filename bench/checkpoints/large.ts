/**
 * A large state while checkpoints are taken: `large typed|opaque KEYS TOUCHED FOLDER`. All keys are read once; then rows of
 * random keys as fast as they are taken, until a checkpoint of all of them is complete. After the next one, when nothing has
 * come meanwhile, rows of `TOUCHED` keys, each once, and a last checkpoint. Tells the longest pause in processing while the
 * first of them was in flight, and the bytes that the last has written.
 */
import { blackhole, count, environment, max, tumbling } from 'millrace'
import { ready, tell } from '../workers/parent.ts'
import { keySource, Pauses, type Script } from './key-source.ts'

const [kind = '', keyCount, touchedCount, dir = ''] = process.argv.slice(2)
const keys = Number(keyCount)
const touched = Number(touchedCount)

type Phase = 'fill' | 'busy' | 'quiet' | 'touch' | 'touched'
let phase: Phase = 'fill'
let given = 0
let filledMs = 0
let seed = 1

const script: Script = {
  next(into) {
    if (phase === 'quiet' || phase === 'touched') return -1
    if (phase === 'busy') {
      for (let i = 0; i < into.length; i++) {
        seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
        into[i] = Math.floor((seed / 2 ** 32) * keys)
      }
      return into.length
    }
    const [total, stride] = phase === 'fill' ? [keys, 1] : [touched, Math.floor(keys / touched)]
    const rows = Math.min(into.length, total - given)
    for (let i = 0; i < rows; i++) into[i] = (given + i) * stride
    given += rows
    if (given === total) {
      given = 0
      phase = phase === 'fill' ? 'busy' : 'touched'
      filledMs = Date.now()
    }
    return rows
  },
}

const pauses = new Pauses()
const stop = new AbortController()
let pause = { ms: 0, clockMs: 0 }
let before = pause
let baseBytes = 0
let took = 0
const env = environment({ checkpoints: { dir, every: '5s', restart: 'none' } })
const rows = env.stream(keySource(script, 1e6, pauses)).eventTime('time')
const job =
  kind === 'typed'
    ? rows
        .keyBy('key')
        .window(tumbling('1d'))
        .aggregate({ count: count(), max: max('value') })
        .to(blackhole())
    : rows
        .keyBy('key')
        .scan(
          () => ({ count: 0, sum: 0, last: '' }),
          (all, { key, value }) => ({ count: all.count + 1, sum: all.sum + value, last: `row ${key}` }),
        )
        .to(blackhole())

await ready()
await job
  .run({
    signal: stop.signal,
    onEvent(event) {
      if (event.kind === 'checkpointFailed') stop.abort(event.error)
      if (event.kind !== 'checkpoint') return
      const { atMs, tookMs, bytes } = event
      if (phase === 'busy' && atMs > filledMs) {
        pause = pauses.longest(atMs, atMs + tookMs)
        before = pauses.longest(filledMs, atMs - 20)
        took = tookMs
        baseBytes = bytes
        phase = 'quiet'
      } else if (phase === 'quiet') phase = 'touch'
      else if (phase === 'touched' && atMs > filledMs) {
        tell({ pauseMs: pause.ms, clockMs: pause.clockMs, beforeMs: before.ms, baseBytes, bytes, took })
        stop.abort(new Error('measured'))
      }
    },
  })
  .catch(error => {
    if ((error as Error).message !== 'measured') throw error
  })
