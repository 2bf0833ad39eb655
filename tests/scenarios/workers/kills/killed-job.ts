/** A job that is killed at moments drawn from a seed, and what came of it. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { seededRandom } from '@millrace/runtime/inside'
import type { Death, Ended } from '../killed-process.ts'
import { commandOf, KilledRun } from '../killed-run.ts'
import { rowsAt } from '../results.ts'
import { cases, type KilledCase } from './cases.ts'

/** Of each process, over and over. */
const WORKERS = [[1], [2], [3], [1, 2, 3], [3, 1, 2]]
const MOST_KILLS = 12
/** About as many as a program makes in all, and as many milliseconds as it takes. */
const LENGTH = { reads: 300, files: 900, time: 1500 } as const

export interface KilledJob {
  readonly program: string
  readonly workers: readonly number[]
  readonly deaths: readonly Ended[]
  readonly refused: number
  /** What is wrong; undefined: nothing. */
  readonly problem: string | undefined
}

export interface Surroundings {
  readonly folder: string
  readonly tables: string
  /** By program and name the rows there must be, as `bag` has them. */
  expected(of: KilledCase, name: string): Promise<readonly string[]>
}

/** What is left for looking at if something is wrong is `folder/SEED`. */
export async function killedJob(seed: number, { folder, tables, expected }: Surroundings): Promise<KilledJob> {
  const random = seededRandom(seed)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!
  const of = pick(cases)
  const workers = pick(WORKERS)
  const kills = 1 + Math.floor(random() * MOST_KILLS)
  const own = join(folder, `${seed}`)
  const out = join(own, 'out')
  mkdirSync(out, { recursive: true })
  const command = [...commandOf(of.program), tables, out]
  const run = new KilledRun({ command, cwd: own, checkpoints: join(own, 'checkpoints'), workers })
  const deaths: Ended[] = []
  const next = (parallelism: number): Death | undefined =>
    run.kills < kills ? drawDeath(random, parallelism) : undefined
  let problem: string | undefined
  try {
    const stdout = await run.toItsEnd(next, ended => deaths.push(ended))
    problem = await wrongWith(of, out, stdout, expected)
    // Once it has finished it does nothing any more, and says what it said.
    problem ??= await wrongWith(of, out, await run.toItsEnd(() => undefined), expected)
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error)
  }
  if (problem === undefined) rmSync(own, { recursive: true, force: true })
  return { program: of.program, workers, deaths, refused: run.refused, problem }
}

/** The sooner the likelier, so that a job is long about what it does when it goes on. */
function drawDeath(random: () => number, parallelism: number): Death {
  const after = (['reads', 'files', 'files', 'time'] as const)[Math.floor(random() * 4)]!
  const part = random() ** 2
  if (after === 'time') return { after, count: 0, delayMs: 150 + Math.floor(part * LENGTH.time * parallelism) }
  const count = 1 + Math.floor((part * LENGTH[after]) / parallelism)
  return { after, count, delayMs: random() < 0.5 ? 0 : Math.floor(random() * 10) }
}

async function wrongWith(
  of: KilledCase,
  out: string,
  stdout: string,
  expected: Surroundings['expected'],
): Promise<string | undefined> {
  const hidden = (readdirSync(out, { recursive: true }) as string[]).filter(name => /(^|\/)\./.test(name))
  if (hidden.length > 0) return `left behind: ${hidden.join(', ')}`
  for (const name of Object.keys(of.queries)) {
    const found = of.found(name, file => rowsAt(join(out, `${file}.jsonl`)), stdout)
    const difference = differenceOf(found, await expected(of, name))
    if (difference !== undefined) return `${name}: ${difference}`
  }
  return undefined
}

/** Of two sorted bags. */
function differenceOf(found: readonly string[], expected: readonly string[]): string | undefined {
  const counts = new Map<string, number>()
  for (const row of expected) counts.set(row, (counts.get(row) ?? 0) - 1)
  for (const row of found) counts.set(row, (counts.get(row) ?? 0) + 1)
  const wrong = [...counts].filter(([, count]) => count !== 0)
  if (wrong.length === 0) return undefined
  const shown = wrong
    .slice(0, 3)
    .map(([row, count]) => `${count > 0 ? `${count} too many` : `${-count} too few`} of ${row}`)
  return `${wrong.length} rows differ: ${shown.join('; ')}`
}
