/**
 * The loops of bid-draws.ts, four bids at a time in WebAssembly, with the same results. What a batch needs of each epoch is
 * noted as a *run*; when the batch is full, one call a column makes all its runs, in memory of the loops, up to a vector
 * too far, from where they are copied. (A call an epoch takes as long as the loop that it calls.)
 */
import { type Code, instantiate, type Loop } from '../simd/assemble.ts'
import { f64x2, i32, i32x4, type Local, Locals, loopWhile, v128 } from '../simd/instructions.ts'
import type { IdDraw } from './ids.ts'
import type { NexmarkConfig } from './options.ts'
import { priceTables } from './price.ts'
import { perEpoch } from './specification.ts'
import { POOL_WORDS } from './text-pool.ts'

const MAX_ROWS = 1 << 12
const STEP = 0x9e3779b9

/** Where in the memory things are, in bytes. */
const COARSE = 0
const FINE = COARSE + 1024 * 8
const RUNS = FINE + 1024 * 8
const RUN_BYTES = 32
/** Runs are of whole epochs, but for the first and the last. */
const MAX_RUNS = Math.ceil(MAX_ROWS / perEpoch.bids) + 1
const AREAS = RUNS + MAX_RUNS * RUN_BYTES
/** Bytes from starts of texts to their lengths. */
const APART = MAX_ROWS * 4 + 32
const BYTES = 1 << 16

type LoopName = 'fillIds' | 'fillPrices' | 'fillChannels' | 'fillExtras' | 'fillTimes'

/** Where in a run its other parameters are, after bytes from and to and the state before its first draw. */
const FIRST = 12

/** A loop over runs. */
class RunLoop {
  readonly locals = new Locals(2)
  /** Bytes from the beginning of the memory, of the run and of the row. */
  readonly run = this.locals.parameter(0)
  readonly at = this.locals.integer()
  readonly #begin: Code[] = []

  /** A vector that is set at the beginning of a run. */
  perRun(vector: Code): Local {
    const held = this.locals.vector()
    this.#begin.push(held.set(vector))
    return held
  }

  integer(offset: number): Code {
    return this.perRun(i32x4.splat(i32.load(this.run.get, offset))).get
  }

  double(offset: number): Code {
    return this.perRun(v128.loadTwice(this.run.get, offset)).get
  }

  /** Four draws of 31 bits, and what must be done before they are used. */
  draws(): { bits: Local; draw: Code } {
    const { locals } = this
    const steps = [1, 2, 3, 4].map(n => Math.imul(n, STEP)) as [number, number, number, number]
    const states = this.perRun(i32x4.add(i32x4.splat(i32.load(this.run.get, 8)), i32x4.of(...steps)))
    const bits = locals.vector()
    const mixed = (of: Local, shift: number, factor: number): Code =>
      i32x4.mul(v128.xor(of.get, i32x4.shrU(of.get, i32.of(shift))), locals.hoist(i32x4.all(factor)))
    const draw = [
      bits.set(mixed(states, 16, 0x21f0aaad)),
      bits.set(i32x4.shrU(mixed(bits, 15, 0x735a2d97), i32.of(1))),
      states.set(i32x4.add(states.get, locals.hoist(i32x4.all(steps[3])))),
    ]
    return { bits, draw: draw.flat() }
  }

  /** The body is that of 16 bytes of a column. */
  loop<Name extends LoopName>(name: Name, ...body: readonly Code[]): Loop<Name> {
    const { locals, run, at } = this
    const last = locals.parameter(1)
    const end = locals.integer()
    const eachRun = loopWhile(
      i32.lessThan(run.get, last.get),
      at.set(i32.load(run.get)),
      end.set(i32.load(run.get, 4)),
      ...this.#begin,
      loopWhile(i32.lessThan(at.get, end.get), ...body, at.step(16)),
      run.step(RUN_BYTES),
    )
    return locals.loop(name, eachRun)
  }
}

const lower = (vector: Code): Code => f64x2.fromIntegers(vector)
const upper = (vector: Code): Code => f64x2.fromIntegers(i32x4.shuffle(vector, vector, 2, 3, 2, 3))
/** Four integers from twice two doubles. */
const cut = (first: Code, second: Code): Code =>
  i32x4.shuffle(i32x4.fromDoubles(first), i32x4.fromDoubles(second), 0, 1, 4, 5)
const scaled = (bits: Code, scale: Code): Code => cut(f64x2.mul(lower(bits), scale), f64x2.mul(upper(bits), scale))
/** `cold` where bits are at most `most`, else `hot`. */
const unlessAbove = (bits: Code, most: Code, cold: Code, hot: Code): Code =>
  v128.select(hot, cold, i32x4.shrS(i32x4.sub(most, bits), i32.of(31)))

/** Parameters: hot, coldMost, coldFirst, scale. */
function fillIds() {
  const loop = new RunLoop()
  const { bits, draw } = loop.draws()
  const [hot, coldMost, coldFirst] = [loop.integer(FIRST), loop.integer(FIRST + 4), loop.integer(FIRST + 8)]
  const cold = i32x4.add(scaled(bits.get, loop.double(FIRST + 12)), coldFirst)
  return loop.loop('fillIds', draw, v128.store(loop.at.get, unlessAbove(bits.get, coldMost, cold, hot)))
}

function fillChannels() {
  const loop = new RunLoop()
  const { bits, draw } = loop.draws()
  const constant = (value: number): Code => loop.locals.hoist(i32x4.all(value))
  const scale = 20_000 / 2 ** 31
  const hot = v128.and(i32x4.shrU(bits.get, i32.of(28)), constant(3))
  const cold = i32x4.add(scaled(bits.get, loop.locals.hoist(f64x2.of(scale, scale))), constant(4))
  return loop.loop(
    'fillChannels',
    draw,
    v128.store(loop.at.get, unlessAbove(bits.get, constant(0x3fffffff), cold, hot)),
  )
}

function fillPrices() {
  const loop = new RunLoop()
  const { bits, draw } = loop.draws()
  const [coarse, fine] = [loop.locals.vector(), loop.locals.vector()]
  const half = loop.locals.hoist(f64x2.of(0.5, 0.5))
  const two = (table: number, places: Code, lane: number): Code =>
    v128.loadUpper(i32x4.lane(places, lane + 1), v128.loadLower(i32x4.lane(places, lane), table), table)
  const price = (lane: number): Code =>
    f64x2.add(f64x2.mul(two(COARSE, coarse.get, lane), two(FINE, fine.get, lane)), half)
  return loop.loop(
    'fillPrices',
    draw,
    coarse.set(i32x4.shl(i32x4.shrU(bits.get, i32.of(21)), i32.of(3))),
    fine.set(v128.and(i32x4.shrU(bits.get, i32.of(8)), loop.locals.hoist(i32x4.all(1023 << 3)))),
    v128.store(loop.at.get, cut(price(0), price(2))),
  )
}

/** Parameters: shortest, scale, places. */
function fillExtras() {
  const loop = new RunLoop()
  const { bits, draw } = loop.draws()
  const [shortest, scale, places] = [loop.integer(FIRST), loop.double(FIRST + 4), loop.double(FIRST + 12)]
  const [first, second, length] = [loop.locals.vector(), loop.locals.vector(), loop.locals.vector()]
  const place = (of: Local, whole: Code): Code => f64x2.mul(f64x2.sub(of.get, whole), places)
  return loop.loop(
    'fillExtras',
    draw,
    first.set(f64x2.mul(lower(bits.get), scale)),
    second.set(f64x2.mul(upper(bits.get), scale)),
    length.set(cut(first.get, second.get)),
    v128.store(loop.at.get, cut(place(first, lower(length.get)), place(second, upper(length.get)))),
    v128.store(loop.at.get, i32x4.add(length.get, shortest), APART),
  )
}

/** Parameters, from where the state is on: base time, event, delay. */
function fillTimes() {
  const loop = new RunLoop()
  const pair = (a: number, b: number): Code => loop.locals.hoist(f64x2.of(a, b))
  const [base, delay] = [loop.double(8), loop.double(FIRST + 12)]
  const events = loop.perRun(f64x2.add(v128.loadTwice(loop.run.get, FIRST + 4), pair(0, 1)))
  const micros = f64x2.floor(f64x2.mul(events.get, delay))
  const millis = f64x2.floor(f64x2.mul(micros, pair(0.001, 0.001)))
  return loop.loop(
    'fillTimes',
    v128.store(loop.at.get, f64x2.add(base, millis)),
    events.set(f64x2.add(events.get, pair(2, 2))),
  )
}

/** A column in the making, of one or, for texts, two arrays: the same loops with the array given at the end. */
export class VectorColumn {
  readonly #name: LoopName
  readonly #loops: Loops
  /** The runs noted, and the doubles among their parameters. */
  readonly #integers = new Int32Array((MAX_RUNS * RUN_BYTES) / 4)
  readonly #doubles = new Float64Array(this.#integers.buffer)
  #runs = 0

  constructor(name: LoopName, loops: Loops) {
    this.#name = name
    this.#loops = loops
  }

  ids(at: number, count: number, key: number, position: number, ids: IdDraw): void {
    const i = this.#note(at * 4, count * 4, key, position)
    this.#integers[i + 3] = ids.hot
    this.#integers[i + 4] = ids.coldMost
    this.#integers[i + 5] = ids.coldFirst
    this.#doubles[i / 2 + 3] = ids.coldScale
  }

  /** Also of channels. */
  prices(at: number, count: number, key: number, position: number): void {
    this.#note(at * 4, count * 4, key, position)
  }

  extras(at: number, count: number, key: number, position: number, least: number, spread: number): void {
    const i = this.#note(at * 4, count * 4, key, position)
    this.#integers[i + 3] = least
    this.#doubles[i / 2 + 2] = spread / 2 ** 31
    this.#doubles[i / 2 + 3] = POOL_WORDS - ((least + spread + 3) >>> 2)
  }

  times(at: number, count: number, event: number, { baseTime, delayUs }: NexmarkConfig): void {
    const i = this.#note(at * 8, count * 8, 0, 0)
    this.#doubles[i / 2 + 1] = baseTime
    this.#doubles[i / 2 + 2] = event
    this.#doubles[i / 2 + 3] = delayUs
  }

  /** Makes what was noted; `more` is the second array of texts. */
  make(values: Int32Array | Float64Array, more?: Int32Array): void {
    this.#loops.run(this.#name, this.#integers, this.#runs)
    this.#runs = 0
    this.#loops.copy(values, 0)
    if (more !== undefined) this.#loops.copy(more, APART)
  }

  /** Returns where in the integers the run is. */
  #note(at: number, bytes: number, key: number, position: number): number {
    const i = (this.#runs++ * RUN_BYTES) / 4
    this.#integers[i] = AREAS + at
    this.#integers[i + 1] = AREAS + at + bytes
    this.#integers[i + 2] = (key + Math.imul(position, STEP)) | 0
    return i
  }
}

/** One for all columns: nothing stays in its memory but the tables of prices. */
class Loops {
  readonly #integers: Int32Array
  readonly #doubles: Float64Array
  readonly #run: NonNullable<ReturnType<typeof load>>['run']

  constructor({ memory, run }: NonNullable<ReturnType<typeof load>>) {
    this.#run = run
    this.#integers = new Int32Array(memory)
    this.#doubles = new Float64Array(memory)
    const { coarse, fine } = priceTables()
    this.#doubles.set(coarse, COARSE / 8)
    this.#doubles.set(fine, FINE / 8)
  }

  run(name: LoopName, runs: Int32Array, count: number): void {
    this.#integers.set(runs, RUNS / 4)
    this.#run[name](RUNS, RUNS + count * RUN_BYTES)
  }

  copy(values: Int32Array | Float64Array, offset: number): void {
    const from = (AREAS + offset) / values.BYTES_PER_ELEMENT
    values.set((values instanceof Int32Array ? this.#integers : this.#doubles).subarray(from, from + values.length))
  }
}

function load() {
  return instantiate([fillIds(), fillChannels(), fillPrices(), fillExtras(), fillTimes()], BYTES)
}

let loaded: Loops | null | undefined

/** For batches of so many rows; undefined where they cannot be had. */
export function vectorColumn(name: LoopName, rows: number): VectorColumn | undefined {
  if (rows > MAX_ROWS) return undefined
  if (loaded === undefined) {
    const loops = load()
    loaded = loops === undefined ? null : new Loops(loops)
  }
  return loaded === null ? undefined : new VectorColumn(name, loaded)
}
