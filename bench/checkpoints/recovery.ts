/**
 * Processes and workers that are lost, and how long it takes until the first new row comes out: in the packed package,
 * installed in an empty folder, as users have it.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Installation } from '../harness/installation.ts'
import type { Counted } from './counting.ts'

const KEYS = 1e6

/** The package with the program that is killed. */
export function countingInstalled(root: string): Installation {
  const program = readFileSync(new URL('counting.mjs', import.meta.url), 'utf8')
  return new Installation(root, { 'counting.mjs': program })
}

type Told = { readonly row: Counted } | { readonly checkpoint: number } | 'ready'

class Counting {
  readonly #child: ChildProcess

  constructor(installed: Installation, dir: string, workers: number) {
    this.#child = fork(join(installed.path, 'counting.mjs'), [dir, `${workers}`])
  }

  /** The first message that is wanted. */
  until<T extends Told>(wanted: (told: Told) => told is T): Promise<T> {
    return new Promise((resolve, reject) => {
      const off = (): void => {
        this.#child.off('message', take)
        this.#child.off('exit', gone)
      }
      const take = (told: Told): void => {
        if (!wanted(told)) return
        off()
        resolve(told)
      }
      const gone = (code: number): void => {
        off()
        reject(new Error(`counting: ended with ${code}`))
      }
      this.#child.on('message', take)
      this.#child.on('exit', gone)
    })
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }
}

const isCheckpoint = (told: Told): told is { readonly checkpoint: number } =>
  typeof told === 'object' && 'checkpoint' in told
const isRow = (told: Told): told is { readonly row: Counted } => typeof told === 'object' && 'row' in told

/** Enough of them that every key has come. */
const CHECKPOINTS = 6

async function filled(counting: Counting): Promise<void> {
  for (let i = 0; i < CHECKPOINTS; i++) await counting.until(isCheckpoint)
}

/** The count of a row says how often its key has come by then. */
function check({ row: { index, count } }: { readonly row: Counted }): void {
  if (index < KEYS || count !== Math.floor(index / KEYS) + 1)
    throw new Error(`invalid row after a restart: count ${count} at ${index}`)
}

/** Milliseconds from SIGKILL of the process to the first row of the one that goes on. */
export async function killToOutput(installed: Installation, dir: string): Promise<number> {
  const first = new Counting(installed, dir, 1)
  await filled(first)
  const began = performance.now()
  first.kill()
  const second = new Counting(installed, dir, 1)
  const row = await second.until(isRow)
  const took = performance.now() - began
  second.kill()
  check(row)
  return took
}

/** Milliseconds from the loss of a worker's thread to the first row behind it, in the same process. */
export async function workerToOutput(installed: Installation, dir: string): Promise<number> {
  const counting = new Counting(installed, dir, 2)
  await filled(counting)
  const began = performance.now()
  writeFileSync(`${dir}.lose`, '')
  const row = await counting.until(isRow)
  const took = performance.now() - began
  counting.kill()
  check(row)
  return took
}
