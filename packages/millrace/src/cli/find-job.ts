/** The file a user named as a program. */
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, extname, resolve } from 'node:path'

/** Its absolute path. Throws FILE_NOT_FOUND, naming a file of the same folder that reads like it. */
export async function findJob(name: string): Promise<string> {
  const path = resolve(name)
  const found = await stat(path).catch(() => undefined)
  if (found?.isFile()) return path
  const { MillraceError } = await import('@millrace/plan')
  const there = found === undefined ? await similar(path) : await inFolder(path)
  throw new MillraceError(
    'FILE_NOT_FOUND',
    found === undefined ? `missing file: ${name}` : `invalid job: ${name} is a folder`,
    {
      hint: there === undefined ? `paths are relative to ${process.cwd()}` : `did you mean ${there}?`,
    },
  )
}

const program = /\.[cm]?[jt]s$/

async function similar(path: string): Promise<string | undefined> {
  const names = (await readdir(dirname(path)).catch(() => [])).filter(name => program.test(name))
  const bare = names.find(name => basename(name, extname(name)) === basename(path))
  const { suggestion } = await import('@millrace/plan')
  return bare ?? suggestion(basename(path), names)
}

async function inFolder(path: string): Promise<string | undefined> {
  const programs = (await readdir(path)).filter(name => program.test(name))
  return programs.length === 1 ? `${basename(path)}/${programs[0]}` : undefined
}
