/**
 * The contract of checkpoint storage as tests (see runtime's `checkpoint/storage.ts`): files are written once and whole, of
 * several that race one is first, and what was resolved is there for every other instance at once, but in lists.
 */
import { MillraceError } from '@millrace/plan'
import type { CheckpointStorage } from '@millrace/runtime/inside'
import { describe, expect, it } from 'vitest'

export interface StorageTarget {
  readonly storage: CheckpointStorage
  /** Another instance for the same place, as another process would have it. */
  another(): CheckpointStorage
  /** Resolves when lists show all that was written. */
  listed?(): Promise<void>
}

export interface StorageCase {
  /** One that is empty. */
  target(): StorageTarget | Promise<StorageTarget>
}

export function storageContract(name: string, given: StorageCase): void {
  describe(`${name}, as checkpoint storage`, () => {
    writes(given)
    creates(given)
    lists(given)
    refuses(given)
  })
}

const text = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString('latin1')
const bytes = (content: string): Uint8Array => Buffer.from(content, 'latin1')

async function inPieces(storage: CheckpointStorage, path: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of storage.pieces(path)) pieces.push(new Uint8Array(piece))
  return Buffer.concat(pieces)
}

/** Bytes without a pattern that a page or block would hide. */
function junk(length: number): Uint8Array {
  const out = new Uint8Array(length)
  let state = 1
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    out[i] = state >>> 24
  }
  return out
}

/** CRC-32, bit by bit. */
function crc32(content: Uint8Array): string {
  let crc = -1
  for (const byte of content) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ((crc ^ -1) >>> 0).toString(16).padStart(8, '0')
}

function writes(given: StorageCase): void {
  it.each([
    ['no chunk', []],
    ['an empty chunk', ['']],
    ['one', ['abc']],
    ['several, some empty', ['ab', '', 'c\0\xff', 'd']],
  ])('gives back a file of %s', async (_, chunks) => {
    const { storage, another } = await given.target()
    const content = chunks.join('')
    const file = await storage.write('a/b-1/c_2.x', chunks.map(bytes))
    expect(file).toEqual({ path: 'a/b-1/c_2.x', bytes: content.length, checksum: crc32(bytes(content)) })
    for (const reader of [storage, another()]) {
      expect(text(await reader.read('a/b-1/c_2.x'))).toBe(content)
      expect(text(await inPieces(reader, 'a/b-1/c_2.x'))).toBe(content)
      expect(await reader.digest('a/b-1/c_2.x')).toEqual(file)
    }
  })
  it('gives back a file of large chunks that are made as they are wanted', async () => {
    const { storage } = await given.target()
    const content = junk(9_000_001)
    async function* chunks() {
      yield content.subarray(0, 5_000_000)
      await Promise.resolve()
      yield content.subarray(5_000_000)
    }
    const file = await storage.write('large', chunks())
    expect(file).toEqual({ path: 'large', bytes: content.length, checksum: crc32(content) })
    expect(Buffer.compare((await storage.read('large'))!, content)).toBe(0)
    expect(Buffer.compare(await inPieces(storage, 'large'), content)).toBe(0)
    expect(await storage.digest('large')).toEqual(file)
  })
  it('reads nothing where nothing is', async () => {
    const { storage } = await given.target()
    for (const path of ['a', 'a/b']) {
      expect(await storage.read(path)).toBeUndefined()
      expect(await inPieces(storage, path)).toHaveLength(0)
      expect(await storage.digest(path)).toBeUndefined()
      await storage.delete(path)
    }
  })
  it('does not write over a file', async () => {
    const { storage, another } = await given.target()
    await storage.write('a', [bytes('old')])
    await expect(another().write('a', [bytes('new')])).rejects.toThrow(MillraceError)
    expect(text(await storage.read('a'))).toBe('old')
  })
  it('deletes one file and no other', async () => {
    const { storage, another, listed } = await given.target()
    for (const path of ['a/b', 'a/c', 'd/e/f']) await storage.write(path, [bytes(path)])
    await another().delete('a/b')
    await storage.delete('d/e/f')
    expect(await storage.read('a/b')).toBeUndefined()
    expect(text(await storage.read('a/c'))).toBe('a/c')
    await listed?.()
    expect(await storage.list('')).toEqual(['a/c'])
    await storage.write('d/e/f', [bytes('again')])
    expect(text(await storage.read('d/e/f'))).toBe('again')
  })
  it('writes many at once', async () => {
    const { storage, another } = await given.target()
    const other = another()
    const paths = Array.from({ length: 24 }, (_, i) => `f${i & 3}/${i}`)
    await Promise.all(paths.map((path, i) => (i & 4 ? storage : other).write(path, [bytes(path), bytes('.')])))
    expect((await Promise.all(paths.map(path => storage.read(path)))).map(text)).toEqual(paths.map(path => `${path}.`))
  })
}

function creates(given: StorageCase): void {
  it('creates a file once', async () => {
    const { storage, another } = await given.target()
    expect(await storage.create('x/1', bytes('first'))).toBe(true)
    expect(await storage.create('x/1', bytes('second'))).toBe(false)
    expect(await another().create('x/1', bytes('third'))).toBe(false)
    expect(text(await another().read('x/1'))).toBe('first')
    await storage.write('x/2', [bytes('written')])
    expect(await another().create('x/2', bytes('created'))).toBe(false)
    expect(text(await storage.read('x/2'))).toBe('written')
  })
  it('lets one of many that race be first', async () => {
    const { storage, another } = await given.target()
    const racers = [storage, another(), another(), storage, another()]
    for (let round = 0; round < 5; round++) {
      const path = `race/${round}`
      const won = await Promise.all(racers.map((racer, i) => racer.create(path, bytes(`${i}`.repeat(100)))))
      expect(won.filter(Boolean)).toHaveLength(1)
      expect(text(await storage.read(path))).toBe(`${won.indexOf(true)}`.repeat(100))
    }
  })
  it('creates again what was deleted', async () => {
    const { storage } = await given.target()
    await storage.create('x', bytes('1'))
    await storage.delete('x')
    expect(await storage.create('x', bytes('2'))).toBe(true)
    expect(text(await storage.read('x'))).toBe('2')
  })
}

function lists(given: StorageCase): void {
  it('lists what begins with a prefix, in order', async () => {
    const { storage, another, listed } = await given.target()
    expect(await storage.list('')).toEqual([])
    const paths = ['b', 'a/10', 'a/9', 'ab', 'a-b/c/d', 'a/9.x', 'B']
    for (const path of paths) await storage.write(path, [bytes(path)])
    await listed?.()
    const all = [...paths].sort()
    for (const prefix of ['', 'a', 'a/', 'a/9', 'a/9.x', 'a-b/c', 'c', 'a/9/', 'b', 'B'])
      expect(await another().list(prefix), prefix).toEqual(all.filter(path => path.startsWith(prefix)))
  })
}

function refuses(given: StorageCase): void {
  it('keeps nothing of a file whose chunks fail, and rejects with what they threw', async () => {
    const { storage, listed } = await given.target()
    const wrong = new Error('no more')
    function* chunks() {
      yield bytes('abc')
      throw wrong
    }
    await expect(storage.write('a', chunks())).rejects.toBe(wrong)
    expect(await storage.read('a')).toBeUndefined()
    await listed?.()
    expect(await storage.list('')).toEqual([])
    expect(await storage.create('a', bytes('x'))).toBe(true)
  })
  it.each(['', '/a', 'a/', '../a', 'a/../b', './a', 'a//b', '.a', 'a/.b', 'a\\b', 'a\0b', 'ä', 'a b'])(
    'refuses the path %j',
    async path => {
      const { storage } = await given.target()
      const refusal = expect.objectContaining({ message: expect.stringContaining('invalid path') })
      await expect(storage.write(path, [])).rejects.toThrow(refusal)
      await expect(storage.create(path, bytes(''))).rejects.toThrow(refusal)
      await expect(storage.read(path)).rejects.toThrow(refusal)
      await expect(storage.digest(path)).rejects.toThrow(refusal)
      await expect(storage.delete(path)).rejects.toThrow(refusal)
    },
  )
}
