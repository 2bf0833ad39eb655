/** Small types that many signatures share. */

export type { Duration } from '@millrace/plan'

export type Numeric = number | bigint | null | undefined

export type Orderable = string | number | bigint | boolean | Date | null | undefined

/** The same type, written out: editors then show its properties. */
export type Flat<T> = { [K in keyof T]: T[K] } & {}

declare const sentence: unique symbol

/** Stands where something is refused; the compiler prints the sentence. */
export interface Refused<Sentence extends string> {
  readonly [sentence]: Sentence
}

/** How a join of kind `H` may be done by several workers: rows of the right that come out alone need those of a key to meet. */
export type Strategy<H> = H extends 'right' | 'full' ? 'hash' : 'hash' | 'broadcast'
