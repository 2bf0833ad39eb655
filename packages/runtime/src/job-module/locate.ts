/**
 * Which module is the job, when a program runs without the command line.
 *
 * The one the environment names; otherwise the file Node was started with, if it is the program: not a tool's own file,
 * not text given to `node -e`, and only in the main thread, since what a thread of the user's evaluates is not known.
 */
import { existsSync, realpathSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { isAbsolute } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isMainThread } from 'node:worker_threads'
import { MillraceError } from '@millrace/plan'

/** How this process was started. */
export interface Start {
  readonly file: string | undefined
  readonly nodeOptions: readonly string[]
  readonly mainThread: boolean
}

const nameIt =
  "Every worker evaluates the job's module. Name it: environment({ job: new URL('./job.ts', import.meta.url) })"
const program = /\.[cm]?[jt]sx?$/
const evaluates = /^(-[a-z]*[ep]|--eval|--print|--input-type)(=|$)/

/** The absolute path of the job's module. Throws FILE_NOT_FOUND, INVALID_OPTION or INVALID_ARGUMENT. */
export function locateJob(job?: URL | string, start = thisProcess()): string {
  return job === undefined ? startedWith(start) : named(job)
}

function thisProcess(): Start {
  return { file: process.argv[1], nodeOptions: process.execArgv, mainThread: isMainThread }
}

function named(job: URL | string): string {
  const path = pathOf(job)
  if (path === undefined)
    throw new MillraceError('INVALID_OPTION', `invalid job: ${String(job)}`, {
      hint: "give an absolute path or a file URL: new URL('./job.ts', import.meta.url)",
    })
  if (!existsSync(path))
    throw new MillraceError('FILE_NOT_FOUND', `missing job module: ${path}`, {
      hint: 'new URL(path, import.meta.url) is relative to the file it is written in',
    })
  if (!statSync(path).isFile() || !program.test(path))
    throw new MillraceError('INVALID_OPTION', `invalid job: ${path}`, { hint: 'give a .ts, .js, .mts or .mjs file' })
  return realpathSync(path)
}

function pathOf(job: URL | string): string | undefined {
  if (typeof job === 'string' && isAbsolute(job)) return job
  try {
    return fileURLToPath(job)
  } catch {
    return undefined
  }
}

function startedWith({ file, nodeOptions, mainThread }: Start): string {
  if (!mainThread) throw unnamed('this is not the main thread of the process')
  if (file === undefined || !isAbsolute(file) || nodeOptions.some(option => evaluates.test(option)))
    throw unnamed('the process was not started with a file')
  const path = asNodeFindsIt(file)
  if (path === undefined || !program.test(path)) throw unnamed(`${file} is not one`)
  if (/[\\/]node_modules[\\/]/.test(path)) throw unnamed(`the process was started with a tool, ${file}`)
  return path
}

/** Node adds extensions to what it is started with, looks into folders, and follows links. */
function asNodeFindsIt(file: string): string | undefined {
  try {
    return realpathSync(createRequire(file).resolve(file))
  } catch {
    return undefined
  }
}

function unnamed(why: string): MillraceError {
  return new MillraceError('INVALID_ARGUMENT', `missing job module: ${why}`, { hint: nameIt })
}
