/**
 * The bytes of a file or stream, pulled: what was read ahead waits in the stream's own buffers, which are bounded.
 */
import { createReadStream } from 'node:fs'
import { finished, pipeline, type Readable } from 'node:stream'
import { type Compression, damage, decompressor } from './compression.ts'
import { fileError } from './location.ts'

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

/** Opens a file from a byte of its decompressed content on. */
export function openFile(path: string, compression: Compression, fromByte: number, wake: () => void): ByteInput {
  const located = (error: unknown) => damage(path, compression, error) ?? fileError(path, error)
  if (compression === 'none') {
    const file = createReadStream(path, { start: fromByte, highWaterMark: READ_AHEAD_BYTES })
    return new ByteInput([file], 0, wake, located)
  }
  const file = createReadStream(path, { highWaterMark: 64 * 1024 })
  const content = pipeline(file, decompressor(compression), () => {}) // errors reach the last stream
  return new ByteInput([file, content], fromByte, wake, located)
}
