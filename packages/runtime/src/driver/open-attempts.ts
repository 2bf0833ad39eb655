/** Attempts at calls that are under way, in the order in which they began: a linked list, from which any may be taken. */
import type { CallContext } from '../call-spec.ts'
import type { Request } from '../state/requests.ts'

/** An attempt that is under way; its signal is made when it is asked for. */
export class Attempt implements CallContext {
  readonly request: Request
  readonly attempt: number
  readonly deadline: number
  over = false
  previous: Attempt | undefined = undefined
  next: Attempt | undefined = undefined
  #controller: AbortController | undefined = undefined
  #reason: { readonly why: unknown } | undefined = undefined

  constructor(request: Request, attempt: number, deadline: number) {
    this.request = request
    this.attempt = attempt
    this.deadline = deadline
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#reason !== undefined) this.#controller.abort(this.#reason.why)
    return this.#controller.signal
  }

  abort(why: unknown): void {
    this.#reason = { why }
    this.#controller?.abort(why)
  }
}

export class OpenAttempts {
  first: Attempt | undefined
  #last: Attempt | undefined

  add(attempt: Attempt): void {
    attempt.previous = this.#last
    if (this.#last === undefined) this.first = attempt
    else this.#last.next = attempt
    this.#last = attempt
  }

  /** It is over. */
  remove(attempt: Attempt): void {
    const { previous, next } = attempt
    attempt.over = true
    if (previous === undefined) this.first = next
    else previous.next = next
    if (next === undefined) this.#last = previous
    else next.previous = previous
  }
}
