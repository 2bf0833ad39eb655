/**
 * A JSON parser (RFC 8259) for where `JSON.parse` says too little: it knows where each property of the outermost object
 * stands, where an error is, and when a number loses digits. Much slower, so it is asked only where there is need.
 */
import { isExact } from '../parse/number.ts'

/** What is wrong with a JSON text, and where. */
export class JsonError extends Error {
  override readonly name = 'JsonError'
  /** In UTF-16 units from the beginning. */
  readonly position: number
  constructor(message: string, position: number) {
    super(message)
    this.position = position
  }
}

export interface ExactJson {
  readonly value: unknown
  /** Where the values of the outermost object's properties begin. */
  readonly positions: ReadonlyMap<string, number>
}

export interface ExactOptions {
  /** Properties of the outermost object that matter; in others numbers may lose digits. Undefined: all. */
  readonly wanted: ReadonlySet<string> | undefined
  /** Of these, those whose integers become `bigint` where a number cannot hold them. */
  readonly bigints: ReadonlySet<string>
}

/** Whether a text may hold a number that loses digits or becomes infinite; true more often than it should be. */
export function isSuspect(text: string): boolean {
  return SUSPECT.test(text)
}

const SUSPECT = /(?:^|[:,[\s-])\d{16}|\d[eE]\+?\d{3}/
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const QUOTE = 34
const BACKSLASH = 92
const SPACE_CODE = 32
const SPACE = /[ \t\n\r]*/y
const LITERALS: readonly (readonly [string, unknown])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
]

/** Throws a `JsonError` if the text is no JSON, or holds a number that JavaScript cannot hold. */
export function parseExactly(text: string, options: ExactOptions): ExactJson {
  return new Parser(text, options).parse()
}

class Parser {
  readonly #text: string
  readonly #options: ExactOptions
  readonly #positions = new Map<string, number>()
  #at = 0
  /** Of the property of the outermost object that is being parsed. */
  #checked = true
  #asBigint = false

  constructor(text: string, options: ExactOptions) {
    this.#text = text
    this.#options = options
  }

  parse(): ExactJson {
    this.#space()
    const value = this.#value(0)
    this.#space()
    if (this.#at < this.#text.length) throw this.#unexpected()
    return { value, positions: this.#positions }
  }

  #value(depth: number): unknown {
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(depth)
      case '[':
        return this.#array(depth)
      case '"':
        return this.#string()
      default:
        break
    }
    for (const [word, value] of LITERALS)
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length
        return value
      }
    return this.#number(depth)
  }

  #object(depth: number): unknown {
    const object: Record<string, unknown> = {}
    this.#at++
    this.#space()
    if (this.#text[this.#at] === '}') return this.#past(object)
    for (;;) {
      if (this.#text[this.#at] !== '"') throw this.#unexpected()
      const name = this.#string()
      this.#space()
      if (this.#text[this.#at] !== ':') throw this.#unexpected()
      this.#at++
      this.#space()
      if (depth === 0) this.#enter(name)
      const value = this.#value(depth + 1)
      Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true })
      this.#space()
      if (this.#text[this.#at] === '}') return this.#past(object)
      this.#comma()
    }
  }

  #array(depth: number): unknown {
    const array: unknown[] = []
    this.#at++
    this.#space()
    if (this.#text[this.#at] === ']') return this.#past(array)
    for (;;) {
      array.push(this.#value(depth + 1))
      this.#space()
      if (this.#text[this.#at] === ']') return this.#past(array)
      this.#comma()
    }
  }

  #enter(name: string): void {
    const { wanted, bigints } = this.#options
    this.#positions.set(name, this.#at)
    this.#checked = wanted?.has(name) ?? true
    this.#asBigint = bigints.has(name)
  }

  #string(): string {
    const text = this.#text
    const begin = this.#at++
    for (let code = text.charCodeAt(this.#at); code !== QUOTE; code = text.charCodeAt(++this.#at)) {
      if (code === BACKSLASH) this.#escape()
      else if (!(code >= SPACE_CODE)) throw this.#unexpected() // a control character, or the end
    }
    this.#at++
    return JSON.parse(text.slice(begin, this.#at)) as string
  }

  /** Leaves the position at the last character of an escape sequence. */
  #escape(): void {
    const code = this.#text[++this.#at] ?? ''
    if (code === 'u') {
      for (let i = 0; i < 4; i++) if (!/[0-9a-fA-F]/.test(this.#text[++this.#at] ?? '')) throw this.#unexpected()
    } else if (code === '' || !'"\\/bfnrt'.includes(code)) throw this.#unexpected()
  }

  #number(depth: number): number | bigint {
    NUMBER.lastIndex = this.#at
    const digits = NUMBER.exec(this.#text)?.[0]
    if (digits === undefined) throw this.#unexpected()
    const begin = this.#at
    this.#at = NUMBER.lastIndex
    const value = Number(digits)
    if (!this.#checked || Number.isSafeInteger(value)) return value
    const whole = /^-?\d+$/.test(digits)
    if (whole && depth === 1 && this.#asBigint) return BigInt(digits)
    if (!Number.isFinite(value)) throw new JsonError(`invalid number: ${shown(digits)} (too large)`, begin)
    if (!whole || isExact(digits, value)) return value
    throw new JsonError(`invalid number: ${shown(digits)} (a double cannot hold it exactly)`, begin)
  }

  #comma(): void {
    if (this.#text[this.#at] !== ',') throw this.#unexpected()
    this.#at++
    this.#space()
  }

  #past<T>(value: T): T {
    this.#at++
    return value
  }

  #space(): void {
    SPACE.lastIndex = this.#at
    SPACE.exec(this.#text)
    this.#at = SPACE.lastIndex
  }

  #unexpected(): JsonError {
    const found = this.#text.codePointAt(this.#at)
    const what = found === undefined ? 'it ends too early' : `unexpected ${JSON.stringify(String.fromCodePoint(found))}`
    return new JsonError(`invalid JSON: ${what}`, this.#at)
  }
}

function shown(digits: string): string {
  return digits.length > 80 ? `${digits.slice(0, 80)}…` : digits
}
