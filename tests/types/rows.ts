/** Collections for the programs of this folder. Nothing here runs: they are compiled only. */
import type { Change, DataSet, DataStream, Kind } from 'millrace'

export interface Flight {
  date: number
  delay: number
  distance: number
  origin: string
  destination: string
  tail: string | null
}

export interface Airport {
  iata: string
  city: string
  state: string
}

export interface Payment {
  user: string
  card: string
  amount: bigint
  discount: number | null
  time: number
}

export declare const flights: DataStream<Flight>
export declare const history: DataSet<Flight>
export declare const counts: DataStream<{ origin: string; count: number }, 'updating'>
export declare const airports: DataSet<Airport>
export declare const payments: DataStream<Payment>

/** One collection of each kind, with columns of one name apart. */
export declare const bounded: DataSet<{ id: number; b: string }>
export declare const appending: DataStream<{ id: number; a: string }>
export declare const updating: DataStream<{ id: number; u: string }, 'updating'>

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never

/** `same<Expected>()(value, true)` compiles only if the value has exactly this type. */
export declare function same<Expected>(): <Actual>(value: Actual, ok: Same<Actual, Expected>) => void

/** The kind of a collection, `kind('bounded')(value)`. */
export declare function kind<const K extends Kind>(
  name: K,
): <T, Actual extends Kind>(value: DataStream<T, Actual>, ok: Same<Actual, K>) => void

/** The rows of a collection. */
export declare function rows<Expected>(): <T, K extends Kind>(value: DataStream<T, K>, ok: Same<T, Expected>) => void

export declare function changes<T>(of: DataStream<T, 'updating'>): AsyncIterable<Change<T>>
