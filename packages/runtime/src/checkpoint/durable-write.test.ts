/** Chunks on their way to a file: whole and in order on a disk that takes less than it is given; which are released when. */
import type { FileHandle } from 'node:fs/promises'
import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { ScratchFolder } from '@millrace/testing/contracts/scratch-folder'
import { expect, test } from 'vitest'
import { writeChunks } from './durable-write.ts'

const scratch = new ScratchFolder()

function chunksOf(...lengths: number[]): Uint8Array[] {
  return lengths.map((length, i) => Uint8Array.from({ length }, (_, at) => (at * 7 + i) & 255))
}

/** A file that takes no more than so many bytes at a time. */
async function stingy(path: string, most: number): Promise<FileHandle> {
  const handle = await open(path, 'w')
  const writev = handle.writev.bind(handle)
  handle.writev = async (buffers, position) => {
    const whole = Buffer.concat(buffers as unknown as Uint8Array[])
    return writev([whole.subarray(0, most)], position) as never
  }
  return handle
}

test.each([1, 3, 99_999, 1 << 22])('a disk that takes %i bytes at a time gets all of them', async most => {
  const path = join(scratch.path, `taken-${most}`)
  const chunks = most < 99_999 ? chunksOf(5, 0, 1, 30) : chunksOf(700_000, 1_500_000, 0, 3_000_000, 12)
  const released: Uint8Array[] = []
  const { checksum } = await writeChunks(await stingy(path, most), chunks, chunk => released.push(chunk))
  const wanted = Buffer.concat(chunks)
  expect((await readFile(path)).equals(wanted)).toBe(true)
  expect([checksum.bytes, checksum.digits]).toEqual([wanted.length, crc32(wanted).toString(16).padStart(8, '0')])
  expect(chunks.every(chunk => released.includes(chunk))).toBe(true)
  expect(released.length).toBe(chunks.length)
  await rm(path)
})

test('memory of chunks may be used again once they are released', async () => {
  const path = join(scratch.path, 'again')
  const free: Uint8Array[] = []
  let made = 0
  const wanted: Buffer[] = []
  function* chunks(): Generator<Uint8Array> {
    for (let i = 0; i < 40; i++) {
      if (free.length === 0) made++
      const chunk = free.pop() ?? new Uint8Array(1 << 19)
      chunk.fill(i)
      wanted.push(Buffer.from(chunk))
      yield chunk
    }
  }
  await writeChunks(await open(path, 'w'), chunks(), chunk => free.push(chunk))
  expect((await readFile(path)).equals(Buffer.concat(wanted))).toBe(true)
  expect(made).toBeLessThan(20)
})

test('a disk that takes nothing is full', async () => {
  const path = join(scratch.path, 'full')
  await expect(writeChunks(await stingy(path, 0), chunksOf(10))).rejects.toMatchObject({ code: 'ENOSPC' })
})
