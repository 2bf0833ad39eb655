import {
  type BlackholeSink,
  blackhole,
  type Environment,
  type EnvironmentOptions,
  environment,
  type Job,
} from 'millrace'

/** A program of which the rate is measured, twice: run by the engine, and as the loop one would write by hand. */
export interface Program {
  /** What the rate counts: rows that go in. */
  readonly rows: number
  plan(env: Environment, sink: BlackholeSink): Job
  /** Returns the checksum of the result. */
  loop(): string
}

export type Side = 'engine' | 'loop'

/** Makes a program over so many events. */
export type MakeProgram = (events: number) => Program

/** Runs programs as one job by the engine, and returns the checksums of their results. */
export async function runByEngine(programs: readonly Program[], options: EnvironmentOptions = {}): Promise<string[]> {
  const env = environment(options)
  const sinks = programs.map(() => blackhole())
  await env.run(programs.map((program, i) => program.plan(env, sinks[i]!)))
  return sinks.map(sink => sink.checksum())
}
