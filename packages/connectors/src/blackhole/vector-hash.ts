/**
 * The hashes of column-hash.ts and text-hash.ts, and the sum of checksum.ts, four lanes at a time in WebAssembly: for whole
 * batches of a usual size, whose columns are copied to its memory (0.1 ns a value). Everything else, and all of it where
 * WebAssembly is not to be had, is done by those files, with the same results.
 *
 * A text's polynomial is split into four, one a lane, that are put together at its end.
 */
import type { DictionaryColumn, DoubleColumn, Int32Column, Utf8Column } from '@millrace/algebra'
import { type Code, instantiate } from '../simd/assemble.ts'
import { isConstant } from '../simd/constant-heaps.ts'
import { choose, f64x2, i32, i32x4, type Local, Locals, loopWhile, v128 } from '../simd/instructions.ts'

export const MAX_ROWS = 1 << 12
const MAX_WORDS = 1 << 18

/** Where in the memory things are, in bytes. Loops may write a vector too far. */
const HASHES = 0
const VALUES = HASHES + MAX_ROWS * 4 + 64
const LENGTHS = VALUES + MAX_ROWS * 8 + 64
const HEAP = LENGTHS + MAX_ROWS * 4 + 64
const TABLES = HEAP + MAX_WORDS * 4 + 64
const MAX_TABLES = 8
const MAX_CODES = 1 << 14
const BYTES = 1 << 21

/** Below this many rows, copies and calls cost more than they save. */
const MIN_ROWS = 32
/** A word is copied in a tenth of the time that hashing it in vectors saves. */
const COPIED_PER_HASHED = 8

/** A loop over `HASHES`; its first parameter is their bytes. */
class HashLoop extends Locals {
  /** Bytes done. */
  readonly at = this.integer()

  /** Adds a vector to four hashes. */
  add(products: Code): Code {
    return v128.store(this.at.get, i32x4.add(v128.load(this.at.get, HASHES), products), HASHES)
  }

  all(value: number): Code {
    return this.hoist(i32x4.all(value))
  }

  mixed(word: Local, shift: number, factor: number): Code {
    return i32x4.mul(v128.xor(word.get, i32x4.shrU(word.get, i32.of(shift))), this.all(factor))
  }

  /** The body is that of so many bytes of hashes. */
  rows(bytes: number, ...body: readonly Code[]): Code {
    return loopWhile(i32.lessThan(this.at.get, this.parameter(0).get), ...body, this.at.step(bytes))
  }
}

/** (bytes, factor, factor times salt): `addInt32`. */
function addInt32() {
  const loop = new HashLoop(3)
  const [factor, salted] = [1, 2].map(i => loop.hoist(i32x4.splat(loop.parameter(i).get))) as [Code, Code]
  const product = i32x4.mul(v128.load(loop.at.get, VALUES), factor)
  return loop.loop('addInt32', loop.rows(16, loop.add(i32x4.add(product, salted))))
}

/** (bytes, factor): `addDouble`. */
function addDouble() {
  const loop = new HashLoop(2)
  const factor = loop.hoist(i32x4.splat(loop.parameter(1).get))
  const from = loop.integer()
  const [first, second, whole, hash] = [0, 1, 2, 3].map(() => loop.vector()) as [Local, Local, Local, Local]
  const evens = (a: Code, b: Code): Code => i32x4.shuffle(a, b, 0, 2, 4, 6)
  const odds = (a: Code, b: Code): Code => i32x4.shuffle(a, b, 1, 3, 5, 7)
  const lowers = f64x2.fromIntegers(whole.get)
  const uppers = f64x2.fromIntegers(i32x4.shuffle(whole.get, whole.get, 2, 3, 2, 3))
  const isWhole = evens(f64x2.equal(lowers, first.get), f64x2.equal(uppers, second.get))
  const isNoNumber = evens(f64x2.unequal(first.get, first.get), f64x2.unequal(second.get, second.get))
  const lowWords = i32x4.mul(evens(first.get, second.get), loop.all(0x2c1b3c6d))
  const salted = i32x4.add(whole.get, loop.all(0x5bd1e995))
  return loop.loop(
    'addDouble',
    loop.rows(
      16,
      first.set(v128.load(from.get, VALUES)),
      second.set(v128.load(from.get, VALUES + 16)),
      whole.set(i32x4.shuffle(i32x4.fromDoubles(first.get), i32x4.fromDoubles(second.get), 0, 1, 4, 5)),
      hash.set(i32x4.add(lowWords, odds(first.get, second.get))),
      hash.set(loop.mixed(hash, 15, 0x21f0aaad)),
      hash.set(v128.xor(hash.get, i32x4.shrU(hash.get, i32.of(13)))),
      hash.set(v128.select(salted, hash.get, isWhole)),
      hash.set(v128.select(loop.all(0x7ff80000), hash.get, isNoNumber)),
      loop.add(i32x4.mul(hash.get, factor)),
      from.step(32),
    ),
  )
}

/** (bytes, factor, where the table is): `addDictionary`. The codes' rows may be one too many. */
function addCodes() {
  const loop = new HashLoop(3)
  const [factor, table] = [loop.parameter(1), loop.parameter(2)]
  const add = (offset: number): Code => {
    const entry = i32.add(table.get, i32.shl(i32.load(loop.at.get, VALUES + offset), i32.of(2)))
    const product = i32.mul(i32.load(entry), factor.get)
    return i32.store(loop.at.get, i32.add(i32.load(loop.at.get, HASHES + offset), product), HASHES + offset)
  }
  return loop.loop('addCodes', loop.rows(8, add(0), add(4)))
}

/** (bytes, factor): `addTexts`. Words of the start are in `VALUES`. */
function addTexts() {
  const loop = new HashLoop(2)
  const factor = loop.parameter(1)
  const [length, word, last, hash] = [0, 1, 2, 3].map(() => loop.integer()) as [Local, Local, Local, Local]
  const lanes = loop.vector()
  const begun = i32.mul(i32.add(length.get, i32.of(1)), i32.of(0x9e3779b1))
  const beyond = i32.shl(i32.and(i32.sub(i32.of(0), length.get), i32.of(3)), i32.of(3))
  const lastWord = i32.shl(i32.load(last.get, HEAP), beyond)
  const next = (value: Code): Code => hash.set(i32.add(i32.mul(hash.get, i32.of(0x2c1b3c6d)), value))
  const power = loop.all(0x6eaf9711)
  const nextLanes = (vector: Code): Code => lanes.set(i32x4.add(i32x4.mul(lanes.get, power), vector))
  const powers = loop.hoist(i32x4.of(0x425e96b5, 0x45414669, 0x2c1b3c6d, 1))
  const fold = (...order: [number, number, number, number]): Code =>
    lanes.set(i32x4.add(lanes.get, i32x4.shuffle(lanes.get, lanes.get, ...order)))
  const short = [
    hash.set(begun),
    loopWhile(i32.lessThan(word.get, last.get), next(i32.load(word.get, HEAP)), word.step(4)),
    choose(i32.lessThan(i32.of(0), length.get), [next(lastWord)], []),
  ]
  const long = [
    lanes.set(i32x4.withLane(i32x4.all(0), 3, begun)),
    loopWhile(
      i32.lessThan(word.get, i32.sub(last.get, i32.of(12))),
      nextLanes(v128.load(word.get, HEAP)),
      word.step(16),
    ),
    word.set(i32.sub(last.get, i32.of(12))),
    nextLanes(i32x4.withLane(v128.load(word.get, HEAP), 3, lastWord)),
    lanes.set(i32x4.mul(lanes.get, powers)),
    fold(2, 3, 0, 1),
    fold(1, 0, 3, 2),
    hash.set(i32x4.lane(lanes.get, 0)),
  ]
  const each = loop.rows(
    4,
    length.set(i32.load(loop.at.get, LENGTHS)),
    word.set(i32.shl(i32.load(loop.at.get, VALUES), i32.of(2))),
    last.set(i32.add(word.get, i32.and(i32.sub(length.get, i32.of(1)), i32.of(-4)))),
    choose(i32.lessThan(length.get, i32.of(13)), short, long),
    hash.set(i32.mul(i32.xor(hash.get, i32.shrU(hash.get, i32.of(15))), i32.of(0x735a2d97))),
    i32.store(loop.at.get, i32.add(i32.load(loop.at.get, HASHES), i32.mul(hash.get, factor.get)), HASHES),
  )
  return loop.loop('addTexts', each)
}

/** (bytes): the sums of their first and second mixing, four lanes each, into `VALUES`. */
function sum() {
  const loop = new HashLoop(1)
  const [hash, low, high] = [loop.vector(), loop.vector(), loop.vector()]
  const shifted = (by: number): Code => hash.set(v128.xor(hash.get, i32x4.shrU(hash.get, i32.of(by))))
  const each = loop.rows(
    16,
    hash.set(v128.load(loop.at.get, HASHES)),
    hash.set(loop.mixed(hash, 16, 0x21f0aaad)),
    shifted(15),
    low.set(i32x4.add(low.get, hash.get)),
    hash.set(i32x4.mul(hash.get, loop.all(0x735a2d97))),
    shifted(16),
    high.set(i32x4.add(high.get, hash.get)),
  )
  const zero = i32.of(0)
  return loop.loop('sum', each, v128.store(zero, low.get, VALUES), v128.store(zero, high.get, VALUES + 16))
}

/** (bytes): how many words texts have, four lanes, into `VALUES`. */
function countWords() {
  const loop = new HashLoop(1)
  const words = loop.vector()
  const of = i32x4.shrU(i32x4.add(v128.load(loop.at.get, LENGTHS), loop.all(3)), i32.of(2))
  const each = loop.rows(16, words.set(i32x4.add(words.get, of)))
  return loop.loop('countWords', each, v128.store(i32.of(0), words.get, VALUES))
}

export class VectorHash {
  /** Of the rows of a batch, in the memory of the loops. */
  readonly hashes: Int32Array
  readonly #integers: Int32Array
  readonly #doubles: Float64Array
  readonly #lengths: Int32Array
  readonly #words: Int32Array
  /** The hashes of dictionaries that are in the memory, and how many of each. */
  readonly #tables: Int32Array[] = []
  readonly #known: number[] = []
  #nextSlot = 0
  /** The heap that is in the memory, if it stays as it is. */
  #constant: Int32Array | undefined
  readonly #run: NonNullable<ReturnType<typeof load>>['run']

  constructor({ memory, run }: NonNullable<ReturnType<typeof load>>) {
    this.#run = run
    this.hashes = new Int32Array(memory, HASHES, MAX_ROWS)
    this.#integers = new Int32Array(memory, VALUES, MAX_ROWS + 1)
    this.#doubles = new Float64Array(memory, VALUES, MAX_ROWS)
    this.#lengths = new Int32Array(memory, LENGTHS, MAX_ROWS + 3)
    this.#words = new Int32Array(memory)
  }

  /** The same as `addInt32` of all rows of the column, and so on. */
  addInt32({ values }: Int32Column, count: number, factor: number, salted: number): void {
    this.#integers.set(first(values, count))
    this.#run.addInt32(count * 4, factor, salted)
  }

  addDouble({ values }: DoubleColumn, count: number, factor: number): void {
    this.#doubles.set(values.length === count ? values : values.subarray(0, count))
    this.#run.addDouble(count * 4, factor)
  }

  /** `texts` are the hashes by code, `known` so far: others may only append. False if there is no room for them. */
  addCodes({ codes }: DictionaryColumn, texts: Int32Array, known: number, count: number, factor: number): boolean {
    if (known > MAX_CODES) return false
    const slot = this.#slotOf(texts, known)
    this.#integers.set(first(codes, count))
    this.#integers[count] = 0
    this.#run.addCodes(count * 4, factor, TABLES + slot * MAX_CODES * 4)
    return true
  }

  /** Where the table is, put there if it is not. */
  #slotOf(texts: Int32Array, known: number): number {
    const found = this.#tables.indexOf(texts)
    if (found >= 0 && this.#known[found] === known) return found
    const slot = found >= 0 ? found : this.#nextSlot
    if (found < 0) this.#nextSlot = (slot + 1) % MAX_TABLES
    this.#tables[slot] = texts
    this.#known[slot] = known
    this.#words.set(first(texts, known), TABLES / 4 + slot * MAX_CODES)
    return slot
  }

  /** False if it costs less otherwise. */
  addTexts({ starts, lengths, heap }: Utf8Column, count: number, factor: number): boolean {
    if (heap.length > MAX_WORDS) return false
    this.#lengths.set(first(lengths, count))
    this.#lengths.fill(0, count, count + 3)
    this.#run.countWords(count * 4)
    const [a = 0, b = 0, c = 0, d = 0] = this.#integers
    const constant = heap === this.#constant || isConstant(heap)
    if (!constant && heap.length > (a + b + c + d) * COPIED_PER_HASHED) return false
    this.#integers.set(first(starts, count))
    if (heap !== this.#constant) {
      this.#words.set(heap, HEAP / 4)
      this.#constant = constant ? heap : undefined
    }
    this.#run.addTexts(count * 4, factor)
    return true
  }

  /** Of the first rows, a multiple of four. */
  sum(count: number): [low: number, high: number] {
    this.#run.sum(count * 4)
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = this.#integers
    return [(a + b + c + d) | 0, (e + f + g + h) | 0]
  }
}

function first(values: Int32Array, count: number): Int32Array {
  return values.length === count ? values : values.subarray(0, count)
}

function load() {
  return instantiate([addInt32(), addDouble(), addCodes(), addTexts(), sum(), countWords()], BYTES)
}

let loaded: VectorHash | null | undefined

/** For a batch of so many rows, if that is worth it. One for all: nothing stays in it. */
export function vectorHash(rows: number): VectorHash | undefined {
  if (rows < MIN_ROWS || rows > MAX_ROWS) return undefined
  if (loaded === undefined) {
    const loops = load()
    loaded = loops === undefined ? null : new VectorHash(loops)
  }
  return loaded ?? undefined
}
