/** Evaluates a bundle as the program it was made of: in the command line's process, and in every worker. */
import { createRequire } from 'node:module'
import { provideGlobals } from './globals.ts'

export interface JobModule {
  /** The bundle's. */
  readonly url: string
  /** The program's own path, absolute: what it is told it is. */
  readonly file: string
  /** The program's arguments. */
  readonly args: readonly string[]
}

/** Resolves when the program's last top-level line has run; rejects with what it throws. */
export async function evaluateJob({ url, file, args }: JobModule): Promise<void> {
  process.setSourceMapsEnabled(true)
  process.argv = [process.execPath, file, ...args]
  globalThis.require ??= createRequire(file)
  provideGlobals()
  await import(url)
}
