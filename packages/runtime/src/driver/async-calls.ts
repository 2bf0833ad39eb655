/**
 * The calls that the driver makes for an operator, outside of which it knows nothing: a call for each request, until one has
 * an answer. What is answered waits here until the vertex hands it over, in the order in which the Host has it.
 *
 * Every attempt has the same time, so the one that began first is the first that has taken too long: one timer serves all.
 * How long an attempt takes is measured by the clock that never jumps. What comes after that, or after the end of the
 * job, is not heard any more.
 */
import { MillraceError } from '@millrace/plan'
import type { CallSpec } from '../call-spec.ts'
import type { Host } from '../host/host.ts'
import { userFailure } from '../operators/user-failure.ts'
import { describeRow } from '../rows/describe-row.ts'
import type { Request } from '../state/requests.ts'
import { Attempt, OpenAttempts } from './open-attempts.ts'

export class AsyncCalls {
  readonly #spec: CallSpec
  readonly #host: Host
  readonly #wake: () => void
  readonly #open = new OpenAttempts()
  #cancelAlarm: (() => void) | undefined
  /** What cancels the pauses before other attempts. */
  readonly #pauses = new Set<() => void>()
  #answered: Request[] = []
  #failure: MillraceError | undefined
  #over = false

  /** @param wake there is something to take */
  constructor(spec: CallSpec, host: Host, wake: () => void) {
    this.#spec = spec
    this.#host = host
    this.#wake = wake
  }

  start(request: Request): void {
    this.#begin(request, 1)
  }

  /** Something is there to be taken. */
  get waiting(): boolean {
    return this.#answered.length > 0 || this.#failure !== undefined
  }

  /** What has been answered since: from now on it counts as such. Throws what has failed for good. */
  take(): readonly Request[] {
    if (this.#failure !== undefined) throw this.#failure
    const answered = this.#answered
    for (const request of answered) request.answered = true
    this.#answered = []
    return answered
  }

  /** Ends all of them. */
  cancel(reason: unknown): void {
    this.#over = true
    this.#cancelAlarm?.()
    this.#cancelAlarm = undefined
    for (const off of this.#pauses) off()
    this.#pauses.clear()
    for (let first = this.#open.first; first !== undefined; first = this.#open.first) {
      this.#open.remove(first)
      first.abort(reason)
    }
  }

  #begin(request: Request, number: number): void {
    const attempt = new Attempt(request, number, this.#host.elapsed() + this.#spec.timeoutMs)
    this.#open.add(attempt)
    if (this.#cancelAlarm === undefined) this.#setAlarm(this.#spec.timeoutMs)
    const { answered } = this.#host
    const fails = (error: unknown): void => answered.call(this.#host, () => this.#fails(attempt, error))
    const succeeds = (value: unknown): void => answered.call(this.#host, () => this.#succeeds(attempt, value))
    let result: unknown
    try {
      result = this.#spec.fn(request.row as never, attempt)
      if (isThenable(result)) return void Promise.resolve(result).then(succeeds, fails)
    } catch (error) {
      return fails(error)
    }
    succeeds(result)
  }

  #succeeds(attempt: Attempt, value: unknown): void {
    if (attempt.over) return
    this.#open.remove(attempt)
    const { request } = attempt
    request.answer = value
    this.#answered.push(request)
    if (this.#answered.length === 1) this.#wake()
  }

  #fails(attempt: Attempt, error: unknown): void {
    if (attempt.over) return
    this.#open.remove(attempt)
    const { request, attempt: number } = attempt
    const { attempts, backoffMs } = this.#spec
    try {
      if (number < attempts && this.#spec.retries(error)) return this.#pause(request, number + 1, backoffMs(number + 1))
    } catch (thrown) {
      return this.#giveUp(request, number, thrown)
    }
    this.#giveUp(request, number, error)
  }

  #pause(request: Request, next: number, delayMs: number): void {
    const off = this.#host.timer(this.#host.now() + delayMs, () => {
      this.#pauses.delete(off)
      if (!this.#over) this.#begin(request, next)
    })
    this.#pauses.add(off)
  }

  #giveUp({ row }: Request, number: number, error: unknown): void {
    const { attempts } = this.#spec
    const at = `${describeRow(row)}${attempts === 1 ? '' : `, attempt ${number} of ${attempts}`}`
    this.#failure ??= userFailure(error).with({ at })
    this.#wake()
  }

  /**
   * Rings, and once more a moment later: a thread that was held up hears the clock before it hears the answers that have come
   * meanwhile, which were in time.
   */
  #setAlarm(delayMs: number): void {
    const ring = (afterMs: number, then: () => void): void => {
      this.#cancelAlarm = this.#host.timer(this.#host.now() + afterMs, then)
    }
    ring(Math.max(1, delayMs), () =>
      ring(1, () => {
        this.#cancelAlarm = undefined
        this.#expire()
      }),
    )
  }

  #expire(): void {
    const now = this.#host.elapsed()
    for (let { first } = this.#open; first !== undefined && first.deadline <= now; first = this.#open.first) {
      const error = tooLong(this.#spec.timeoutMs)
      this.#fails(first, error)
      first.abort(error)
    }
    const { first } = this.#open
    if (first !== undefined && this.#cancelAlarm === undefined) this.#setAlarm(first.deadline - now)
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return value instanceof Promise || typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}

function tooLong(timeoutMs: number): MillraceError {
  return new MillraceError('TIMED_OUT', `missing answer: none within ${timeoutMs} ms`, {
    hint: 'give it more time (timeout), or other attempts (retry); and pass on the signal, so that what is given up ends',
  })
}
