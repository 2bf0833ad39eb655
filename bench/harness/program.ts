import type { EnvironmentOptions } from 'millrace'

/** A program of which the rate is measured, twice: run by the engine, and as the loop one would write by hand. */
export interface Program {
  /** What the rate counts: rows that go in. */
  readonly rows: number
  /** Both return the checksum of the result, which must be the same. */
  engine(where?: EnvironmentOptions): Promise<string>
  loop(): string
}

export type Side = 'engine' | 'loop'

/** Makes a program over so many events. */
export type MakeProgram = (events: number) => Program
