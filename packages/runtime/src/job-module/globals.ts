/**
 * What a bundled program's `Date`, `Math.random`, `performance.now` and `crypto.randomUUID` stand for.
 *
 * One object on a global symbol, so that two copies of the engine in one process still agree. It reads a source that
 * can be changed at any time; at first that is the machine. Dates are real ones: the stand-in shares `Date.prototype`
 * and differs only in what "now" is. Cost: one call more than the native function.
 */
import { randomUUID } from 'node:crypto'
import type { Host } from '../host/host.ts'
import { realHost } from '../host/real.ts'

/** Where time and chance come from. */
export type GlobalSource = Pick<Host, 'now' | 'elapsed' | 'random'>

export const globalsKey = 'millrace.globals'
const key = Symbol.for(globalsKey)

interface Globals {
  source: GlobalSource
  readonly Date: DateConstructor
  readonly random: () => number
  readonly elapsed: () => number
  readonly randomUUID: () => string
}

interface Holder {
  [key]?: Globals
}

/** Sets the source that programs of this thread read from now on; by default the machine's. */
export function bindGlobals(source: GlobalSource = realHost): void {
  globals().source = source
}

/** Makes sure that a bundle can be evaluated in this thread. Changes no global a program could see. */
export function provideGlobals(): void {
  globals()
}

function globals(): Globals {
  const holder = globalThis as Holder
  return (holder[key] ??= newGlobals())
}

function newGlobals(): Globals {
  const globals: Globals = {
    source: realHost,
    Date: boundDate(() => globals.source.now()),
    random: () => globals.source.random(),
    elapsed: () => globals.source.elapsed(),
    // On a real Host as hard to guess as ever: programs make secrets of these.
    randomUUID: () => (globals.source === realHost ? randomUUID() : drawnUUID(globals.source)),
  }
  return globals
}

/**
 * `Date` with another "now".
 *
 * Named by its property, and its prototype assigned: V8 makes `instanceof` five times slower for a function whose
 * `name` or `prototype` was defined anew.
 */
function boundDate(now: () => number): DateConstructor {
  const Real = Date
  const { Date: Bound } = {
    // Not an arrow: `new.target` tells a call without `new` and a subclass. Most dates are made of one argument.
    Date: function (...parts: readonly unknown[]): unknown {
      if (new.target === undefined) return new Real(now()).toString()
      if (new.target !== Bound) return Reflect.construct(Real, parts.length === 0 ? [now()] : parts, new.target)
      if (parts.length === 0) return new Real(now())
      return parts.length === 1 ? new Real(parts[0] as number) : Reflect.construct(Real, parts)
    },
  }
  const { prototype, name, length, ...statics } = Object.getOwnPropertyDescriptors(Real)
  Bound.prototype = prototype.value
  return Object.defineProperties(Bound, {
    ...statics,
    now: { value: () => Math.trunc(now()), writable: true, configurable: true },
  }) as unknown as DateConstructor
}

/** A version 4 UUID (RFC 9562, section 5.4) of four draws. */
function drawnUUID(source: GlobalSource): string {
  let hex = ''
  for (let word = 0; word < 4; word++)
    hex += Math.floor(source.random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')
  const variant = '89ab'[Number.parseInt(hex[16]!, 16) & 3]!
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
}
