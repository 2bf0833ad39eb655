/** A temporary folder with a user's files in it, and the command line run there as a real process. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const packageFolder = fileURLToPath(new URL('../../packages/millrace', import.meta.url))
export const bin = join(packageFolder, 'bin/millrace.js')

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export class Workshop {
  readonly #children = new Set<ChildProcess>()
  readonly folder = mkdtempSync(join(realpathSync(tmpdir()), 'millrace-cli-'))

  /** Writes files by their path in the folder. */
  write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, name)), { recursive: true })
      writeFileSync(join(this.folder, name), text)
    }
  }

  /** Puts the package where Node looks for it. */
  install(): void {
    mkdirSync(join(this.folder, 'node_modules'), { recursive: true })
    symlinkSync(packageFolder, join(this.folder, 'node_modules/millrace'), 'dir')
  }

  /** What jobs have left behind: files in progress, and bundles of programs. */
  leftovers(): string[] {
    return this.list().filter(name => /part-|\.cache\/millrace\/./.test(name))
  }

  list(): string[] {
    return readdirSync(this.folder, { recursive: true, encoding: 'utf8' }).sort()
  }

  /** Runs `millrace` to its end. */
  run(...args: string[]): Promise<Outcome> {
    return this.start(...args).outcome
  }

  /** Starts `millrace`; `printed` resolves once standard output contains a text, or does so many times. */
  start(...args: string[]) {
    return this.node(bin, ...args)
  }

  /** Starts Node. A program of JavaScript finds `millrace` after `install`. */
  node(...args: string[]) {
    const child = spawn(process.execPath, args, { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#children.add(child)
    child.once('exit', () => this.#children.delete(child))
    return watch(child)
  }

  /** Ends what a failed test left running, and removes the folder. */
  remove(): void {
    for (const child of this.#children) child.kill('SIGKILL')
    rmSync(this.folder, { recursive: true, force: true })
  }
}

function watch(child: ChildProcess) {
  let stdout = ''
  let stderr = ''
  let check = () => {}
  child.stdout!.setEncoding('utf8').on('data', text => {
    stdout += text
    check()
  })
  child.stderr!.setEncoding('utf8').on('data', text => {
    stderr += text
  })
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => resolve({ code, stdout, stderr }))
  })
  const printed = (text: string, times = 1) =>
    new Promise<void>((resolve, reject) => {
      check = () => stdout.split(text).length > times && resolve()
      check()
      void outcome.then(({ stderr }) => reject(new Error(`ended without printing ${text}: ${stderr}`)))
    })
  return { outcome, printed, signal: (name: NodeJS.Signals) => child.kill(name) }
}
