/** Frames found in any pieces, in data made by hand: raw and RLE blocks, which need no compressor. */
import { once } from 'node:events'
import { PassThrough, type Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ZstdFrames } from './zstd-frames.ts'
import { FzstdDecompressor, NativeZstdDecompressor } from './zstd-streams.ts'

interface Frame {
  readonly bytes: Buffer
  /** What it holds; undefined: the frame is a skippable one. */
  readonly content: Buffer | undefined
}

const little = (value: number, bytes: number) =>
  Buffer.from(Array.from({ length: bytes }, (_, i) => (value / 256 ** i) & 255))

const block = fc.oneof(
  fc
    .uint8Array({ maxLength: 20 })
    .map(data => ({ type: 0, size: data.length, body: Buffer.from(data), content: Buffer.from(data) })),
  fc
    .tuple(fc.nat(255), fc.integer({ min: 1, max: 30 }))
    .map(([byte, size]) => ({ type: 1, size, body: Buffer.of(byte), content: Buffer.alloc(size, byte) })),
)
const dataFrame = fc.array(block, { minLength: 1, maxLength: 4 }).map((blocks): Frame => {
  const content = Buffer.concat(blocks.map(b => b.content))
  const body = blocks.map(({ type, size, body }, i) =>
    Buffer.concat([little((size << 3) | (type << 1) | (i === blocks.length - 1 ? 1 : 0), 3), body]),
  )
  // a single segment, with the size of its content in four bytes, no checksum
  const header = Buffer.concat([Buffer.of(0x28, 0xb5, 0x2f, 0xfd, 0b1010_0000), little(content.length, 4)])
  return { bytes: Buffer.concat([header, ...body]), content }
})
const skippable = fc.tuple(fc.nat(15), fc.uint8Array({ maxLength: 9 })).map(
  ([n, data]): Frame => ({
    bytes: Buffer.concat([little(0x184d2a50 + n, 4), little(data.length, 4), data]),
    content: undefined,
  }),
)
const frames = fc.array(fc.oneof(dataFrame, skippable), { maxLength: 5 })
const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 })

function chunksOf(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!
    chunks.push(bytes.subarray(at, at + size))
    at += size
  }
  return chunks
}

async function through(stream: Transform, chunks: readonly Buffer[]): Promise<Buffer> {
  const parts: Buffer[] = []
  stream.on('data', part => parts.push(part))
  for (const chunk of chunks) stream.write(chunk)
  stream.end()
  await once(stream, 'end')
  return Buffer.concat(parts)
}

describe('zstd frames', () => {
  it('are found in any pieces', () => {
    fc.assert(
      fc.property(frames, sizes, (frames, sizes) => {
        const walker = new ZstdFrames()
        const found: Buffer[] = []
        const open: Buffer[] = []
        for (const chunk of chunksOf(Buffer.concat(frames.map(f => f.bytes)), sizes))
          for (const { bytes, last } of walker.feed(chunk)) {
            open.push(Buffer.from(bytes))
            if (last) found.push(Buffer.concat(open.splice(0)))
          }
        expect(found).toEqual(frames.filter(f => f.content !== undefined).map(f => f.bytes))
        expect(open).toEqual([])
        expect(walker.complete).toBe(true)
      }),
    )
  })
  it('that are cut off are incomplete', () => {
    fc.assert(
      fc.property(dataFrame, fc.double({ min: 0.01, max: 0.99, noNaN: true }), ({ bytes }, part) => {
        const walker = new ZstdFrames()
        walker.feed(bytes.subarray(0, Math.max(1, Math.floor(bytes.length * part))))
        expect(walker.complete).toBe(false)
      }),
    )
    expect(() => new ZstdFrames().feed(Buffer.from('nothing'))).toThrow('does not begin')
    expect(() => new ZstdFrames().feed(Buffer.of(0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 7, 0, 0))).toThrow('no known type')
  })
  it('are decompressed one after another', async () => {
    const native = zlib as typeof zlib & { createZstdDecompress?: () => Transform }
    await fc.assert(
      fc.asyncProperty(fc.array(dataFrame, { minLength: 1, maxLength: 4 }), sizes, async (frames, sizes) => {
        const chunks = chunksOf(Buffer.concat(frames.map(f => f.bytes)), sizes)
        const expected = Buffer.concat(frames.map(f => f.content!))
        expect(await through(new FzstdDecompressor(), chunks)).toEqual(expected)
        if (native.createZstdDecompress !== undefined)
          expect(await through(new NativeZstdDecompressor(native.createZstdDecompress), chunks)).toEqual(expected)
        // without a decompressor of its own the stream hands the frames on as they are
        expect(await through(new NativeZstdDecompressor(() => new PassThrough()), chunks)).toEqual(
          Buffer.concat(chunks),
        )
      }),
      { numRuns: 30 },
    )
  })
})
