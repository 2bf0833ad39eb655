/** The instructions of WebAssembly that loops over columns need, by the names of its text format. */
import { type Code, INTEGER, type Loop, signed, unsigned, VECTOR } from './assemble.ts'

type Binary = (a: Code, b: Code) => Code

const binary =
  (...bytes: Code): Binary =>
  (a, b) => [...a, ...b, ...bytes]
const unary = (...bytes: Code) => (a: Code): Code => [...a, ...bytes] // biome-ignore format: beside the one above
const simd = (opcode: number): Code => [0xfd, ...unsigned(opcode)]

export interface Local {
  readonly get: Code
  readonly set: (value: Code) => Code
  /** Adds a constant. */
  readonly step: (by: number) => Code
}

/** A loop in the making: its locals. */
export class Locals {
  readonly #parameters: number
  readonly #types: number[] = []
  readonly #before: Code[] = []

  constructor(parameters: number) {
    this.#parameters = parameters
  }

  /** By its position. */
  parameter(index: number): Local {
    return local(index)
  }

  /** 0 at first. */
  integer(): Local {
    return local(this.#parameters + this.#types.push(INTEGER) - 1)
  }

  /** Zeros at first. */
  vector(): Local {
    return local(this.#parameters + this.#types.push(VECTOR) - 1)
  }

  /** A vector that stays the same, made once: V8 makes constants anew in every turn of a loop. */
  hoist(vector: Code): Code {
    const held = this.vector()
    this.#before.push(held.set(vector))
    return held.get
  }

  loop<Name extends string>(name: Name, ...body: readonly Code[]): Loop<Name> {
    return { name, parameters: this.#parameters, locals: this.#types, body: [...this.#before, ...body].flat() }
  }
}

function local(index: number): Local {
  const get = [0x20, ...unsigned(index)]
  const set = (value: Code): Code => [...value, 0x21, ...unsigned(index)]
  return { get, set, step: by => set(i32.add(get, i32.of(by))) }
}

export const i32 = {
  of: (value: number): Code => [0x41, ...signed(value | 0)],
  load: (address: Code, offset = 0): Code => [...address, 0x28, 2, ...unsigned(offset)],
  store: (address: Code, value: Code, offset = 0): Code => [...address, ...value, 0x36, 2, ...unsigned(offset)],
  lessThan: binary(0x48),
  add: binary(0x6a),
  sub: binary(0x6b),
  mul: binary(0x6c),
  and: binary(0x71),
  xor: binary(0x73),
  shl: binary(0x74),
  shrU: binary(0x76),
}

/** Four 32-bit integers at a time. */
export const i32x4 = {
  /** One value in all lanes. */
  splat: unary(...simd(0x11)),
  of: (...lanes: readonly [number, number, number, number]): Code => [
    ...simd(0x0c),
    ...new Uint8Array(Int32Array.from(lanes).buffer),
  ],
  all: (value: number): Code => i32x4.of(value, value, value, value),
  lane: (vector: Code, lane: number): Code => [...vector, ...simd(0x1b), lane],
  withLane: (vector: Code, lane: number, value: Code): Code => [...vector, ...value, ...simd(0x1c), lane],
  /** Lanes 0 to 3 of the first, 4 to 7 of the second. */
  shuffle: (a: Code, b: Code, ...lanes: readonly [number, number, number, number]): Code => [
    ...a,
    ...b,
    ...simd(0x0d),
    ...lanes.flatMap(lane => [0, 1, 2, 3].map(byte => lane * 4 + byte)),
  ],
  shl: binary(...simd(0xab)),
  shrS: binary(...simd(0xac)),
  shrU: binary(...simd(0xad)),
  add: binary(...simd(0xae)),
  sub: binary(...simd(0xb1)),
  mul: binary(...simd(0xb5)),
  /** Two doubles, cut to integers; the upper lanes are 0. */
  fromDoubles: unary(...simd(0xfc)),
}

export const v128 = {
  load: (address: Code, offset = 0): Code => [...address, ...simd(0x00), 2, ...unsigned(offset)],
  /** The double there, twice. */
  loadTwice: (address: Code, offset = 0): Code => [...address, ...simd(0x0a), 3, ...unsigned(offset)],
  /** The double there into the lower two lanes; the upper are 0. */
  loadLower: (address: Code, offset = 0): Code => [...address, ...simd(0x5d), 3, ...unsigned(offset)],
  /** The double there into the upper two lanes of a vector. */
  loadUpper: (address: Code, vector: Code, offset = 0): Code => {
    return [...address, ...vector, ...simd(0x57), 3, ...unsigned(offset), 1]
  },
  store: (address: Code, value: Code, offset = 0): Code => [
    ...address,
    ...value,
    ...simd(0x0b),
    2,
    ...unsigned(offset),
  ],
  and: binary(...simd(0x4e)),
  xor: binary(...simd(0x51)),
  /** Bits of `a` where the mask has ones, else of `b`. */
  select: (a: Code, b: Code, mask: Code): Code => [...a, ...b, ...mask, ...simd(0x52)],
}

/** Two doubles at a time. */
export const f64x2 = {
  of: (...lanes: readonly [number, number]): Code => [
    ...simd(0x0c),
    ...new Uint8Array(Float64Array.from(lanes).buffer),
  ],
  floor: unary(...simd(0x75)),
  add: binary(...simd(0xf0)),
  sub: binary(...simd(0xf1)),
  mul: binary(...simd(0xf2)),
  equal: binary(...simd(0x47)),
  unequal: binary(...simd(0x48)),
  /** From the two lower lanes of a vector of integers. */
  fromIntegers: unary(...simd(0xfe)),
}

/** Again and again, while the condition holds before. */
export function loopWhile(condition: Code, ...body: readonly Code[]): Code {
  return [0x02, 0x40, 0x03, 0x40, ...condition, 0x45, 0x0d, 1, ...body.flat(), 0x0c, 0, 0x0b, 0x0b]
}

export function choose(condition: Code, yes: readonly Code[], no: readonly Code[]): Code {
  return [...condition, 0x04, 0x40, ...yes.flat(), 0x05, ...no.flat(), 0x0b]
}
