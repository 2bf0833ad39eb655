/**
 * The Host: the one door through which anything nondeterministic enters a job.
 *
 * Operators see none of it. The driver, sources and sinks take time, randomness, the order in which ready work is
 * taken up, and every pause from here; a simulated Host can therefore run a job from a seed, and a recorded one can
 * make it retrace its steps.
 */
export interface Host {
  /** Wall clock, milliseconds since 1970. */
  now(): number
  /** A clock that never goes back, in milliseconds, for measuring. */
  elapsed(): number
  /** Uniform in [0, 1). */
  random(): number
  /** Which of `count` ready things comes next: 0 to count - 1. */
  choose(count: number): number
  /** Calls back once, not before `atMs` of `now()`. Returns a function that cancels it. */
  timer(atMs: number, callback: () => void): () => void
  /**
   * Something outside has been done for an operator. Calls back when the job is to hear of it: at once, or, where the order of
   * such things is the Host's, when it likes.
   */
  answered(callback: () => void): void
  /** Lets timers, sockets and signals have their turn. */
  yield(): Promise<void>
  /** Waits until `ring` of the doorbell; returns at once if it rang since the last wait. */
  doorbell(): Doorbell
}

export interface Doorbell {
  ring(): void
  wait(): Promise<void>
}
