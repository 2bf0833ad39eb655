/** The Host of a real process. The only file of the engine that reads a clock or draws a random number. */
import type { Doorbell, Host } from './host.ts'

/** Longest delay `setTimeout` can hold. */
const LONGEST_DELAY_MS = 2 ** 31 - 1

export const realHost: Host = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  random: () => Math.random(),
  choose: roundRobin(),
  timer: startTimer,
  answered: callback => callback(),
  yield: () => new Promise(resolve => setImmediate(resolve)),
  doorbell: () => new RealDoorbell(),
}

/** Fair without randomness: the next one each time. */
function roundRobin(): (count: number) => number {
  let turn = 0
  return count => {
    turn = (turn + 1) & 0x3fffffff
    return turn - Math.floor(turn / count) * count
  }
}

/**
 * Asks the clock again when `setTimeout` is back: that counts on a clock of its own, and is early by up to a
 * millisecond where the two round apart, or by any time where the clock was set back.
 */
function startTimer(atMs: number, callback: () => void): () => void {
  let handle: NodeJS.Timeout
  const wait = (): void => {
    const delay = Math.min(Math.max(0, atMs - Date.now()), LONGEST_DELAY_MS)
    handle = setTimeout(() => (Date.now() < atMs ? wait() : callback()), delay)
  }
  wait()
  return () => clearTimeout(handle)
}

/** Calls back every so many milliseconds for as long as something else keeps the thread alive. */
export function beside(everyMs: number, act: () => void): void {
  setInterval(act, everyMs).unref()
}

/** Calls back once, if something else keeps the thread alive for so long. */
export function afterwards(delayMs: number, act: () => void): void {
  setTimeout(act, Math.min(delayMs, LONGEST_DELAY_MS)).unref()
}

class RealDoorbell implements Doorbell {
  #rung = false
  #waiter: (() => void) | undefined

  ring(): void {
    this.#rung = true
    this.#waiter?.()
    this.#waiter = undefined
  }

  async wait(): Promise<void> {
    if (!this.#rung) await new Promise<void>(resolve => (this.#waiter = resolve))
    this.#rung = false
  }
}
