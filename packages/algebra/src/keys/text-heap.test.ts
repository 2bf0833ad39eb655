import { expect, test } from 'vitest'
import { decodeUtf8, utf8Length, writeUtf8 } from '../utf8.ts'
import { TextHeap } from './text-heap.ts'

function put(heap: TextHeap, id: number, text: string): void {
  const words = new Int32Array((utf8Length(text) >>> 2) + 2).fill(-1)
  writeUtf8(new Uint8Array(words.buffer), 4, text)
  heap.set(id, words, 1, utf8Length(text))
}

function holds(heap: TextHeap, id: number, text: string): boolean {
  const words = new Int32Array((utf8Length(text) >>> 2) + 1).fill(-1)
  writeUtf8(new Uint8Array(words.buffer), 0, text)
  return heap.equals(id, words, 0, utf8Length(text))
}

function read(heap: TextHeap, id: number): string {
  const words = new Int32Array((heap.lengthOf(id) >>> 2) + 3)
  heap.copy(id, words, 1)
  return decodeUtf8(words, 1, heap.lengthOf(id))
}

test('texts come and go; what stays is intact, and space stays in proportion', () => {
  const heap = new TextHeap()
  const texts = new Map<number, string>()
  for (let capacity = 64; capacity <= 4096; capacity *= 2) {
    heap.grow(capacity)
    if (capacity === 2048) put(heap, 7, 'before')
  }
  texts.set(7, 'before')
  let state = 1
  const random = (bound: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
  let words = 2
  for (let step = 0; step < 100_000; step++) {
    const id = random(step < 50_000 ? 4096 : 40) // then few are left
    const old = texts.get(id)
    if (old !== undefined) {
      if (read(heap, id) !== old) expect.fail(`text ${id} is damaged at step ${step}`)
      heap.remove(id)
      words -= (old.length + 3) >>> 2
      texts.delete(id)
    } else {
      const text = `${step}`.repeat(random(30))
      put(heap, id, text)
      words += (text.length + 3) >>> 2
      texts.set(id, text)
    }
    if (step === 50_000) {
      for (const id of [...texts.keys()].slice(40)) {
        heap.remove(id)
        words -= (texts.get(id)!.length + 3) >>> 2
        texts.delete(id)
      }
    }
    if (step % 1000 === 0) expect(heap.allocatedWords).toBeLessThan(6 * (words + texts.size) + 4096)
  }
  for (const [id, text] of texts) {
    expect(read(heap, id)).toBe(text)
    expect(holds(heap, id, text)).toBe(true)
    expect(holds(heap, id, `${text}x`)).toBe(false)
    expect(holds(heap, id, text.replace(/^./, '#'))).toBe(text === '')
  }
})

test('texts larger than a chunk, and more of them than one chunk', () => {
  const heap = new TextHeap()
  heap.grow(64)
  const large = (i: number) => `${i}`.repeat(2_200_000)
  for (let i = 10; i < 15; i++) put(heap, i, large(i))
  put(heap, 1, 'small')
  for (let i = 10; i < 13; i++) heap.remove(i)
  put(heap, 2, 'late')
  for (const i of [13, 14]) expect(read(heap, i)).toBe(large(i))
  expect([read(heap, 1), read(heap, 2)]).toEqual(['small', 'late'])
  expect(heap.allocatedWords * 4).toBeLessThan(3 * 4_400_000 + 2 * (1 << 22))
})

test('of texts equal to the last word, all bytes count', () => {
  const heap = new TextHeap()
  heap.grow(4)
  put(heap, 0, 'abcdefg')
  expect(holds(heap, 0, 'abcdefg')).toBe(true)
  for (const other of ['abcdefh', 'abcdef', 'abcdefgh', 'xbcdefg', '']) expect(holds(heap, 0, other)).toBe(false)
})
