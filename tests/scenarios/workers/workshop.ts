/**
 * Programs run as users run them, in processes with real threads, at parallelism 1, 2 and 3. What a program writes is
 * compared with one golden: as a bag where no order is promised.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { seededRandom } from '@millrace/runtime/inside'
import type { Death } from './killed-process.ts'
import { commandOf, KilledRun } from './killed-run.ts'
import { type Row, rowsAt } from './results.ts'
import { Sql, writeTables } from './tables.ts'

export const PARALLELISMS = [1, 2, 3]
/** Workers of the runs that are killed, from process to process: always as many, and others each time. */
const KILLED = [[1], [2], [3], [1, 2, 3]]
/** How often, at most: the last run is left alone. */
const KILLS = 3
/** About as many as a program makes in all. */
const READS = 300
/** About as many operations on files as it makes in all. */
const FILES = 600

const root = join(import.meta.dirname, '../../..')

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
const random = seededRandom(seed)
console.log(`killed at moments of seed ${seed}`)

/** When a program is to kill itself. */
function nextDeath(parallelism: number): Death {
  const delayMs = Math.floor(random() * 10)
  if (random() < 0.5) return { after: 'files', count: 1 + Math.floor((random() * FILES) / parallelism), delayMs: 0 }
  return { after: 'reads', count: 1 + Math.floor((random() * READS) / parallelism), delayMs }
}

export interface Outcome {
  readonly parallelism: number
  readonly stdout: string
  /** Undefined: it ran straight. */
  readonly way?: string
  /** What the program wrote as JSON Lines, be it a file or a folder of files. */
  rows(name: string): Row[]
  /** Of what the program wrote under a name. */
  path(name: string): string
}

export class Scenarios {
  readonly #folder = mkdtempSync(join(realpathSync(tmpdir()), 'workers-'))
  readonly #children = new Set<ChildProcess>()
  readonly tables = join(this.#folder, 'tables')

  #sql: Sql | undefined
  #built: string | undefined

  async open(): Promise<void> {
    writeTables(this.tables)
    this.#sql = await Sql.open(this.tables)
  }

  close(): void {
    this.#sql?.close()
    for (const child of this.#children) child.kill('SIGKILL')
    for (const folder of [this.#folder, this.#built])
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  }

  sql(text: string): Promise<Row[]> {
    return this.#sql!.rows(text)
  }

  /** Runs a program of `programs/` at each parallelism, as `millrace run` does. */
  run(program: string, input = ''): Promise<Outcome[]> {
    return this.#runEach(program, commandOf(program), input)
  }

  /**
   * The same, and also read as data that ends; and with checkpoints: killed by SIGKILL at random moments and started again,
   * with as many workers or with others, until it has come to its end.
   */
  async runAllWays(program: string): Promise<Outcome[]> {
    const outcomes = await this.run(program)
    outcomes.push(...(await this.runBounded(program)))
    for (const workers of KILLED) outcomes.push(await this.runKilled(program, workers))
    return outcomes
  }

  /** What are streams otherwise are read as data that ends. */
  async runBounded(program: string): Promise<Outcome[]> {
    const out = this.#out(`${program}-bounded`)
    const stdout = await this.#spawn([...commandOf(program), this.tables, out.folder, '2'], '', { BOUNDED: '1' })
    return [{ parallelism: 2, way: 'bounded', stdout, ...out.outcome }]
  }

  async runKilled(program: string, workers: readonly number[]): Promise<Outcome> {
    const out = this.#out(`${program}-killed-${workers}`)
    const run = new KilledRun({
      command: [...commandOf(program), this.tables, out.folder],
      cwd: this.#folder,
      checkpoints: join(this.#folder, `${program}-checkpoints-${workers}`),
      workers,
      started: child => {
        this.#children.add(child)
        child.once('close', () => this.#children.delete(child))
      },
    })
    const stdout = await run.toItsEnd(parallelism => (run.kills < KILLS ? nextDeath(parallelism) : undefined))
    return { parallelism: run.parallelism, way: `killed ${run.kills} times`, stdout, ...out.outcome }
  }

  #out(name: string) {
    const folder = join(this.#folder, name)
    mkdirSync(folder)
    const path = (file: string) => join(folder, file)
    return { folder, outcome: { path, rows: (file: string) => rowsAt(path(`${file}.jsonl`)) } }
  }

  /** Runs a built program at each parallelism, with plain `node`. */
  runFile(file: string, input = ''): Promise<Outcome[]> {
    return this.#runEach(basename(file), [file], input)
  }

  /** A folder in which programs find the package. */
  builtFolder(): string {
    mkdirSync(join(root, 'out'), { recursive: true })
    this.#built ??= mkdtempSync(join(root, 'out/workers-'))
    return this.#built
  }

  async #runEach(name: string, command: readonly string[], input: string): Promise<Outcome[]> {
    const outcomes: Outcome[] = []
    for (const parallelism of PARALLELISMS) {
      const { folder, outcome } = this.#out(`${name}-${parallelism}`)
      const stdout = await this.#spawn([...command, this.tables, folder, `${parallelism}`], input)
      outcomes.push({ parallelism, stdout, ...outcome })
    }
    return outcomes
  }

  #spawn(args: readonly string[], input: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
    const child = spawn(process.execPath, args, { cwd: this.#folder, stdio: 'pipe', env: { ...process.env, ...env } })
    this.#children.add(child)
    child.stdin.end(input)
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', text => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', text => {
      stderr += text
    })
    return new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', code => {
        this.#children.delete(child)
        if (code === 0 && stderr === '') resolve(stdout)
        else reject(new Error(`${args.slice(1).join(' ')} ended with ${code}: ${stderr}`))
      })
    })
  }
}
