/**
 * Programs run as users run them, in processes with real threads, at parallelism 1, 2 and 3. What a program writes is
 * compared with one golden: as a bag where no order is promised.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { seededRandom } from '@millrace/runtime/inside'
import { Sql, writeTables } from './tables.ts'

export const PARALLELISMS = [1, 2, 3]
/** Workers of the runs that are killed. */
const KILLED = [1, 2]
/** How often, at most: the last run is left alone. */
const KILLS = 4
/** About as many as a program makes in all. */
const READS = 300

const root = join(import.meta.dirname, '../../..')
const bin = join(root, 'packages/millrace/bin/millrace.js')

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
const random = seededRandom(seed)
console.log(`killed at moments of seed ${seed}`)

/** When a program is to kill itself. */
function deathWarrant(parallelism: number): NodeJS.ProcessEnv {
  const reads = 1 + Math.floor((random() * READS) / parallelism)
  return { KILL_AFTER_READS: `${reads}`, KILL_AFTER_MS: `${Math.floor(random() * 10)}` }
}

export type Row = Record<string, unknown>

export interface Outcome {
  readonly parallelism: number
  readonly stdout: string
  /** How often it was killed; undefined: it ran straight. */
  readonly kills?: number
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
    return this.#runEach(program, [bin, 'run', join(import.meta.dirname, 'programs', program)], input)
  }

  /**
   * The same, and also with checkpoints: killed by SIGKILL at random moments and started again, until it has come to its
   * end. Of these outcomes `kills` says how often. Two workers read half as much each before one of them kills both.
   */
  async runKilled(program: string): Promise<Outcome[]> {
    const outcomes = await this.run(program)
    for (const parallelism of KILLED) {
      const out = this.#out(`${program}-killed-${parallelism}`)
      const command = [
        bin,
        'run',
        join(import.meta.dirname, 'programs', program),
        this.tables,
        out.folder,
        `${parallelism}`,
      ]
      const env = { ...process.env, CHECKPOINTS: join(this.#folder, `${program}-checkpoints-${parallelism}`) }
      let kills = 0
      while (await this.#killed(command, kills < KILLS ? { ...env, ...deathWarrant(parallelism) } : env)) kills++
      outcomes.push({ parallelism, stdout: '', kills, ...out.outcome })
    }
    return outcomes
  }

  /** Whether it was killed. Rejects if it failed. */
  #killed(command: readonly string[], env: NodeJS.ProcessEnv): Promise<boolean> {
    const child = spawn(process.execPath, command, { cwd: this.#folder, env, stdio: ['ignore', 'ignore', 'pipe'] })
    this.#children.add(child)
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', text => {
      stderr += text
    })
    return new Promise((resolve, reject) => {
      child.once('close', (code, signal) => {
        this.#children.delete(child)
        if (signal === 'SIGKILL') resolve(true)
        else if (code === 0 && stderr === '') resolve(false)
        else reject(new Error(`${command.slice(1).join(' ')} ended with ${code}: ${stderr}`))
      })
    })
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

  #spawn(args: readonly string[], input: string): Promise<string> {
    const child = spawn(process.execPath, args, { cwd: this.#folder, stdio: 'pipe' })
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

function rowsAt(path: string): Row[] {
  if (!existsSync(path)) throw new Error(`missing output: ${path}`)
  const files = statSync(path).isDirectory() ? readdirSync(path).map(name => join(path, name)) : [path]
  return files.flatMap(file => parsed(readFileSync(file, 'utf8')))
}

export function parsed(text: string): Row[] {
  const lines = text.split('\n').filter(line => line !== '')
  return lines.map(line => JSON.parse(line))
}

/** Rows in a form and an order in which equal bags are equal; columns by name, times in milliseconds, twelve digits. */
export function bag(rows: readonly Row[]): string[] {
  return sequence(rows).sort()
}

/** The same of rows whose order is promised. */
export function sequence(rows: readonly Row[]): string[] {
  return rows.map(row => JSON.stringify(Object.entries(row).sort(byName).map(plain)))
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function plain([name, value]: readonly [string, unknown]): readonly [string, unknown] {
  if (typeof value === 'bigint') return [name, Number(value)]
  if (typeof value === 'number') return [name, Number(value.toPrecision(12))]
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return [name, Date.parse(value)]
  return [name, value]
}

/** What is left of a changelog's rows, as `bag` has it. Throws where one is taken back that is not there. */
export function integral(rows: readonly Row[]): string[] {
  const left = new Map<string, number>()
  for (const { weight, ...row } of rows) {
    const [key] = sequence([row])
    const count = (left.get(key) ?? 0) + Number(weight)
    left.set(key, count)
  }
  return [...left]
    .flatMap(([row, count]) => {
      if (count < 0) throw new RangeError(`taken back but not there: ${row}`)
      return Array.from({ length: count }, () => row)
    })
    .sort()
}
