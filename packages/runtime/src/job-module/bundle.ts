/**
 * Bundles a user's program into one module that Node can load, in this thread and in every worker's.
 *
 * The user's own files are in it, TypeScript or not; packages stay outside, by the absolute address to which the
 * importing file resolves them, so that there is one instance of each and of the engine. `import.meta` of every file
 * is that of the file it was written in; clock and chance come from the engine. The bundle and its source map lie in the
 * nearest `node_modules/.cache`, from where Node resolves what a program asks for at run time as it would from the
 * program itself. A process that is killed leaves its folder there: the next removes it.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isGone, processMark } from '../host/process-mark.ts'
import { boundGlobals } from './bound-globals.ts'
import { keepImportMeta } from './import-meta.ts'
import { packagesOutside } from './packages-outside.ts'

export interface Bundle {
  /** Where to import it from. */
  readonly url: string
  /** Removes the bundle. Synchronous, so that it can be called while the process exits. */
  remove(): void
}

/** Builds `file`, an absolute path. Throws a MillraceError with file, line and column if it is no valid program. */
export async function bundleJob(file: string): Promise<Bundle> {
  const { build } = await import('esbuild')
  const folder = cacheFolder(dirname(file))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const outfile = join(folder, 'job.mjs')
  try {
    await build({
      entryPoints: [file],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20.19',
      mainFields: ['main'],
      conditions: [],
      sourcemap: 'linked',
      sourcesContent: false,
      legalComments: 'none',
      charset: 'utf8',
      logLevel: 'silent',
      plugins: [keepImportMeta(file), boundGlobals(), packagesOutside()],
    })
  } catch (error) {
    remove()
    const { buildError } = await import('./build-error.ts')
    throw buildError(error)
  }
  return { url: pathToFileURL(outfile).href, remove }
}

function cacheFolder(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    const modules = join(folder, 'node_modules')
    if (existsSync(modules)) {
      try {
        const cache = join(realpathSync(modules), '.cache', 'millrace')
        mkdirSync(cache, { recursive: true })
        return newFolder(cache, 'job-')
      } catch {
        break // not ours to write to: the temporary folder does, but for bare names asked for at run time
      }
    }
    if (folder === dirname(folder)) break
  }
  return newFolder(realpathSync(tmpdir()), 'millrace-job-')
}

/** A folder of this process's own. Those of processes that were killed go: they could not remove them. */
function newFolder(inside: string, prefix: string): string {
  const made = mkdtempSync(join(inside, `${prefix}${processMark()}-`))
  for (const name of readdirSync(inside)) {
    const [, mark] = /^([0-9a-f]{8}-\d+)-/.exec(name.startsWith(prefix) ? name.slice(prefix.length) : '') ?? []
    if (mark !== undefined && isGone(mark)) rmQuietly(join(inside, name))
  }
  return made
}

/** Another process may be about the same, or may not be ours to tidy up for. */
function rmQuietly(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true })
  } catch {
    // it stays
  }
}
