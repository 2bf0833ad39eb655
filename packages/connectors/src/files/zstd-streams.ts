/** Streams that decompress zstd of any number of frames, by Node's own decompressor or by fzstd. */
import { createRequire } from 'node:module'
import { Transform, type TransformCallback } from 'node:stream'
import { ZstdFrames, zstdDamage } from './zstd-frames.ts'

const CHUNK_BYTES = 128 * 1024

/** A decompressor of Node's for each frame. */
export class NativeZstdDecompressor extends Transform {
  readonly #frames = new ZstdFrames()
  readonly #open: () => Transform
  #frame: Transform | undefined

  /** @param open makes a decompressor of one frame */
  constructor(open: () => Transform) {
    super({ readableHighWaterMark: CHUNK_BYTES })
    this.#open = open
  }
  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.#decompress(chunk).then(() => done(), done)
  }
  override _flush(done: TransformCallback): void {
    done(this.#frames.complete ? null : zstdDamage('unexpected end of file'))
  }
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#frame?.destroy()
    done(error)
  }

  async #decompress(chunk: Buffer): Promise<void> {
    for (const { bytes, last } of this.#frames.feed(chunk)) {
      this.#frame ??= this.#open().on('data', data => this.push(data))
      await settled(this.#frame, done => this.#frame!.write(bytes, done))
      if (!last) continue
      const frame = this.#frame
      await settled(frame, done => frame.once('end', done).end())
      this.#frame = undefined
    }
  }
}

/** Waits for an act of a stream, or for its failure. */
function settled(stream: Transform, act: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.once('error', reject)
    act(error => {
      stream.off('error', reject)
      if (error) reject(error)
      else resolve()
    })
  })
}

/** Decompresses on this thread; the input comes in pieces of at most 64 KiB, so that it never takes long at once. */
export class FzstdDecompressor extends Transform {
  readonly #zstd: import('fzstd').Decompress

  constructor() {
    super({ readableHighWaterMark: CHUNK_BYTES })
    const { Decompress } = createRequire(import.meta.url)('fzstd') as typeof import('fzstd')
    this.#zstd = new Decompress(data => {
      if (data.length > 0) this.push(Buffer.from(data))
    })
  }
  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.#push(chunk, false, done)
  }
  override _flush(done: TransformCallback): void {
    this.#push(new Uint8Array(0), true, done)
  }
  #push(chunk: Uint8Array, last: boolean, done: TransformCallback): void {
    try {
      this.#zstd.push(chunk, last)
    } catch (error) {
      return done(error as Error)
    }
    done()
  }
}
