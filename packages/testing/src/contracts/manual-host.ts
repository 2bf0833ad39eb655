import type { Doorbell, Host } from '@millrace/runtime'

/**
 * A Host whose clock stands still until told: timers fire by `fireNext`, in the order of their times. Chance is a fixed
 * sequence.
 */
export class ManualHost implements Host {
  #now = 1_000_000_000_000
  #timers: { at: number; callback: () => void }[] = []
  #seed = 1

  now(): number {
    return this.#now
  }
  elapsed(): number {
    return this.#now - 1_000_000_000_000
  }
  random(): number {
    this.#seed = (Math.imul(this.#seed, 1103515245) + 12345) & 0x7fffffff
    return this.#seed / 0x80000000
  }
  choose(): number {
    return 0
  }
  timer(atMs: number, callback: () => void): () => void {
    const timer = { at: atMs, callback }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter(other => other !== timer)
    }
  }
  answered(callback: () => void): void {
    callback()
  }
  yield(): Promise<void> {
    return new Promise(resolve => setImmediate(resolve))
  }
  doorbell(): Doorbell {
    let rung = false
    let wake: (() => void) | undefined
    return {
      ring: () => {
        rung = true
        wake?.()
      },
      wait: async () => {
        if (!rung) await new Promise<void>(resolve => (wake = resolve))
        rung = false
      },
    }
  }
  /** Moves the clock to the earliest timer and calls it. False: there is none. */
  fireNext(): boolean {
    const next = this.#timers.toSorted((a, b) => a.at - b.at)[0]
    if (next === undefined) return false
    this.#timers = this.#timers.filter(timer => timer !== next)
    this.#now = Math.max(this.#now, next.at)
    next.callback()
    return true
  }
}
