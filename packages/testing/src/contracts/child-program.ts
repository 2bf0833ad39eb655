/** A program in a process of its own, for tests that kill it, or have several race. */
import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { buildSync } from 'esbuild'
import { expect } from 'vitest'
import type { ScratchFolder } from './scratch-folder.ts'

export class ChildProgram {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>

  /**
   * @param source a TypeScript module, which imports as a file in `folder` would
   * @param to where its bundle may be written
   */
  constructor(source: string, folder: string, to: ScratchFolder) {
    const { outputFiles } = buildSync({
      stdin: { contents: source, resolveDir: folder, loader: 'ts' },
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      conditions: ['source'],
      write: false,
    })
    const script = to.fresh('program.mjs')
    writeFileSync(script, outputFiles[0].contents)
    this.#child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]()
  }

  /** The next line that it prints; undefined: it has ended. */
  async line(): Promise<string | undefined> {
    const { value, done } = await this.#lines.next()
    return done === true ? undefined : (value as string)
  }

  say(line: string): void {
    this.#child.stdin!.write(`${line}\n`)
  }

  /** Waits for its end, by itself. */
  async ends(): Promise<void> {
    expect(await this.#exit()).toEqual([0, null])
  }

  async kill(): Promise<void> {
    const exit = this.#exit()
    this.#child.kill('SIGKILL')
    await exit
  }

  #exit(): Promise<[number | null, string | null]> {
    const { exitCode, signalCode } = this.#child
    if (exitCode !== null || signalCode !== null) return Promise.resolve([exitCode, signalCode])
    return new Promise(resolve => this.#child.once('exit', (code, signal) => resolve([code, signal])))
  }
}
