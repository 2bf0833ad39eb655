import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Answer } from './child.ts'

/** A process that measures one thing, as often as it is asked to; begun at the first time. */
export class MeasuringProcess {
  readonly #args: readonly string[]
  #child: ChildProcess | undefined

  constructor(...args: readonly string[]) {
    this.#args = args
  }

  async measure(): Promise<Answer> {
    const file = fileURLToPath(new URL('child.mjs', import.meta.url))
    this.#child ??= fork(file, this.#args, { execArgv: ['--expose-gc'] })
    const child = this.#child
    const { signal, abort } = controlled()
    const ended = once(child, 'exit', { signal }).then(() => {
      throw new Error(`${this.#args.join(' ')}: ended without a result`)
    })
    child.send('measure')
    try {
      const [answer] = await Promise.race([once(child, 'message', { signal }), ended])
      return answer as Answer
    } finally {
      ended.catch(() => {})
      abort()
    }
  }

  end(): void {
    this.#child?.disconnect()
    this.#child = undefined
  }
}

function controlled(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort() }
}
