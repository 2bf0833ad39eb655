import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A process that runs one program of `out/bench` once, from its own file, as a user would, and is told its result. */
export class ProgramProcess<R> {
  readonly #name: string
  readonly #child: ChildProcess
  readonly #ended: Promise<never>

  constructor(name: string, args: readonly unknown[], execArgv: readonly string[] = []) {
    const file = fileURLToPath(new URL(`${name}.mjs`, import.meta.url))
    this.#name = `${name} ${args.join(' ')}`
    this.#child = fork(
      file,
      args.map(argument => `${argument}`),
      { execArgv: ['--enable-source-maps', ...execArgv] },
    )
    this.#ended = once(this.#child, 'exit').then(([code]) => {
      throw new Error(`${this.#name}: ended with ${code} without a result`)
    })
    this.#ended.catch(() => {})
  }

  /** It has loaded what it needs. */
  async ready(): Promise<void> {
    await this.#message()
  }

  /** Its result, once it is gone. */
  async run(): Promise<R> {
    this.#child.send('go')
    const result = await this.#message()
    await this.#ended.catch(() => {})
    return result as R
  }

  async #message(): Promise<unknown> {
    const [message] = await Promise.race([once(this.#child, 'message'), this.#ended])
    return message
  }
}

/** Runs a program, and gives its result. */
export async function runProgram<R>(name: string, args: readonly unknown[], execArgv?: readonly string[]): Promise<R> {
  const [result] = await runTogether<R>([[name, args]], execArgv)
  return result!
}

/** Runs programs that begin at the same moment, when all are ready. */
export async function runTogether<R>(
  programs: readonly (readonly [name: string, args: readonly unknown[]])[],
  execArgv?: readonly string[],
): Promise<R[]> {
  const processes = programs.map(([name, args]) => new ProgramProcess<R>(name, args, execArgv))
  await Promise.all(processes.map(process => process.ready()))
  return Promise.all(processes.map(process => process.run()))
}
