/**
 * Rows a second of counts over tumbling windows of 10 s and a million keys: `throughput ROWS FOLDER`, with a checkpoint each
 * second, or without any where no folder is named.
 */
import { blackhole, count, environment, tumbling } from 'millrace'
import { ready, tell } from '../workers/parent.ts'
import { keySource, type Script } from './key-source.ts'

const KEYS = 1e6
const [rowCount, dir] = process.argv.slice(2)
const rows = Number(rowCount)

let given = 0
let seed = 1
let firstMs = 0

const script: Script = {
  next(into) {
    if (given === 0) firstMs = performance.now()
    if (given >= rows) return -2
    for (let i = 0; i < into.length; i++) {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
      into[i] = Math.floor((seed / 2 ** 32) * KEYS)
    }
    given += into.length
    return into.length
  },
}

const sink = blackhole()
let checkpoints = 0
await ready()
await environment(dir === undefined ? {} : { checkpoints: { dir, every: '1s', restart: 'none' } })
  .stream(keySource(script, 400))
  .eventTime('time')
  .keyBy('key')
  .window(tumbling('10s'))
  .aggregate({ count: count() })
  .to(sink)
  .run({
    onEvent({ kind }) {
      if (kind === 'checkpoint') checkpoints++
    },
  })
tell({ rate: given / ((performance.now() - firstMs) / 1000), checksum: sink.checksum(), checkpoints })
