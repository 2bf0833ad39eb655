/**
 * The packed package, installed in an empty folder as a user would: how long it takes to import, what it brings with it,
 * and how long it is from the start of a process to the first output of a job.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Measured } from '../harness/figure.ts'

const importing = `
const began = performance.now()
await import('millrace')
console.log(performance.now() - began)
`
const job = `
import { environment, fromRows } from 'millrace'

const doubled = environment().dataset(fromRows([1, 2, 3])).map(n => n * 2)
console.log(await doubled.collect())
`

export function installed(root: string): Measured[] {
  const folder = new Installation(root)
  return [
    {
      figure: 'core.importMs',
      unit: 'ms',
      goal: { value: 60, atMost: true },
      measure: async () => Number(execFileSync(process.execPath, ['import.mjs'], { cwd: folder.path })),
    },
    {
      figure: 'core.firstOutputMs',
      unit: 'ms',
      goal: { value: 300, atMost: true },
      measure: () => firstOutput(folder.path, ['node_modules/millrace/bin/millrace.js', 'run', 'job.ts']),
    },
    {
      figure: 'core.firstOutputNodeMs',
      unit: 'ms',
      measure: () => firstOutput(folder.path, ['job.mjs']),
    },
    {
      figure: 'core.packages',
      unit: 'packages',
      goal: { value: 30, atMost: true },
      measure: async () => folder.packages,
      close: async () => folder.remove(),
    },
  ]
}

/** Made when it is first needed. */
class Installation {
  readonly #root: string
  #path: string | undefined

  constructor(root: string) {
    this.#root = root
  }

  get path(): string {
    return (this.#path ??= install(this.#root))
  }

  /** Millrace itself and what it brings. */
  get packages(): number {
    const lock = JSON.parse(readFileSync(join(this.path, 'package-lock.json'), 'utf8')) as { packages: object }
    // The lock file also names packages for other platforms, which are not there.
    return Object.keys(lock.packages).filter(name => name !== '' && existsSync(join(this.path, name))).length
  }

  remove(): void {
    if (this.#path !== undefined) rmSync(this.#path, { recursive: true })
  }
}

function install(root: string): string {
  execFileSync(process.execPath, ['tools/pack.js'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  const tarball = readdirSync(join(root, 'out')).find(name => /^millrace-.*\.tgz$/.test(name))
  if (tarball === undefined) throw new Error('missing out/millrace-*.tgz')
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  writeFileSync(join(folder, 'import.mjs'), importing)
  writeFileSync(join(folder, 'job.mjs'), job)
  writeFileSync(join(folder, 'job.ts'), job)
  const npm = ['install', '--prefer-offline', '--no-audit', '--no-fund', join(root, 'out', tarball)]
  execFileSync('npm', npm, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  return folder
}

/** Milliseconds from here to the first byte on standard output. */
async function firstOutput(cwd: string, args: readonly string[]): Promise<number> {
  const began = performance.now()
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  await Promise.race([once(child.stdout, 'data'), once(child.stdout, 'end')])
  const took = performance.now() - began
  child.stdout.resume()
  const [code] = await ended
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`)
  return took
}
