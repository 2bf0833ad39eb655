/**
 * The bytes of a file or stream, pulled: what was read ahead waits in the stream's own buffers, which are bounded.
 */
import { createReadStream } from 'node:fs'
import { finished, pipeline, type Readable } from 'node:stream'
import { beginningFor, invalidOffset, type Position } from './byte-position.ts'
import { type Compression, damage, decompressor } from './compression.ts'
import { fileError, statOf } from './location.ts'

const READ_AHEAD_BYTES = 256 * 1024

export class ByteInput {
  readonly #streams: readonly Readable[]
  readonly #last: Readable
  readonly #located: (error: unknown) => unknown
  #skip: number
  #wake: (() => void) | undefined
  #ended = false
  #failure: unknown

  /**
   * @param streams piped into one another; the last is read
   * @param skip bytes at the beginning that are not wanted
   * @param wake called when there is something new, never within `next`
   * @param located turns an error of a stream into the one to throw
   */
  constructor(streams: readonly Readable[], skip: number, wake: () => void, located: (error: unknown) => unknown) {
    this.#streams = streams
    this.#last = streams.at(-1)!
    this.#skip = skip
    this.#wake = wake
    this.#located = located
    this.#last.on('readable', () => this.#wake?.())
    finished(this.#last, { writable: false }, error => {
      if (error) this.#failure = error
      else this.#ended = true
      this.#wake?.()
    })
  }

  /** The next bytes, the caller's to keep. Throws what went wrong. */
  next(): Uint8Array | 'wait' | 'end' {
    for (;;) {
      const bytes = this.#failure === undefined ? (this.#last.read() as Buffer | null) : null
      if (bytes === null) break
      if (this.#skip < bytes.length) {
        const kept = this.#skip === 0 ? bytes : bytes.subarray(this.#skip)
        this.#skip = 0
        return kept
      }
      this.#skip -= bytes.length
    }
    if (this.#failure !== undefined) throw this.#located(this.#failure)
    return this.#ended ? 'end' : 'wait'
  }

  /** Bytes at the beginning that are still to be passed over: at the end, those that there are not. */
  get missing(): number {
    return this.#skip
  }

  /** Lets go of the files; returns when that is done. Never rejects. */
  async close(): Promise<void> {
    this.#wake = undefined
    await Promise.all(this.#streams.map(closed))
  }
}

function closed(stream: Readable): Promise<void> {
  return new Promise(resolve => {
    if (stream.closed) return resolve()
    stream.once('close', resolve)
    stream.on('error', () => {}) // that it is destroyed half-way is no error
    stream.destroy()
  })
}

/** Opens a file where a reader of its decompressed content has to begin to go on from a position. */
export function openFile(path: string, compression: Compression, position: Position, wake: () => void): ByteInput {
  const fromByte = beginningFor(position)
  const located = (error: unknown) => damage(path, compression, error) ?? fileError(path, error)
  if (compression === 'none') {
    const size = position.byte > 0 ? statOf(path).size : 0
    if (size < position.byte) throw invalidOffset(path, position.byte, `it has ${size} bytes`)
    const file = createReadStream(path, { start: fromByte, highWaterMark: READ_AHEAD_BYTES })
    return new ByteInput([file], 0, wake, located)
  }
  const file = createReadStream(path, { highWaterMark: 64 * 1024 })
  const content = pipeline(file, decompressor(compression), () => {}) // errors reach the last stream
  return new ByteInput([file, content], fromByte, wake, located)
}
