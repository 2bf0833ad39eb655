import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The packed package, installed in an empty folder as a user would, with some programs; made when it is first needed. */
export class Installation {
  readonly #root: string
  readonly #programs: Readonly<Record<string, string>>
  #path: string | undefined

  /** @param programs their text, by the name of their file */
  constructor(root: string, programs: Readonly<Record<string, string>>) {
    this.#root = root
    this.#programs = programs
  }

  get path(): string {
    return (this.#path ??= install(this.#root, this.#programs))
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

function install(root: string, programs: Readonly<Record<string, string>>): string {
  execFileSync(process.execPath, ['tools/pack.js'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  const tarball = readdirSync(join(root, 'out')).find(name => /^millrace-.*\.tgz$/.test(name))
  if (tarball === undefined) throw new Error('missing out/millrace-*.tgz')
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  for (const [name, text] of Object.entries(programs)) writeFileSync(join(folder, name), text)
  const npm = ['install', '--prefer-offline', '--no-audit', '--no-fund', join(root, 'out', tarball)]
  execFileSync('npm', npm, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  return folder
}
