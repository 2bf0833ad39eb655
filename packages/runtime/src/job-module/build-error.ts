/** What esbuild could not build, as an error of ours: its messages with their places, and what to do about the first. */
import { MillraceError } from '@millrace/plan'
import type { BuildFailure, Message } from 'esbuild'

/** The error itself if it is no complaint about the program. */
export function buildError(error: unknown): unknown {
  const messages = (error as Partial<BuildFailure>).errors
  if (messages === undefined || messages.length === 0) return error
  const text = messages.map(show).join('\n')
  return new MillraceError('BUILD_FAILED', `invalid program: ${text}`, { hint: hintFor(messages[0]!.text) })
}

/** `text`, then file:line:column, then the line itself with a mark under the place. */
function show({ text, location }: Message): string {
  if (location === null) return text
  const mark = `${' '.repeat(location.column)}${'^'.repeat(Math.max(1, location.length))}`
  return `${text}\n  at ${location.file}:${location.line}:${location.column + 1}\n    ${location.lineText}\n    ${mark}`
}

function hintFor(message: string): string | undefined {
  const unresolved = /^Could not resolve "(.*)"$/.exec(message)?.[1]
  if (unresolved !== undefined) return hintForMissing(unresolved)
  if (message.startsWith('No loader is configured for'))
    return "Only code and JSON can be imported. Read other files: readFile(new URL('./name', import.meta.url))"
  if (/^Cannot assign to "(Date|Math\.random|performance\.now|crypto\.randomUUID)"/.test(message))
    return 'Clock and chance of a program come from the engine. Give a function of your own another name.'
  return undefined
}

function hintForMissing(name: string): string {
  if (name.startsWith('#')) return 'Names that begin with # are those under "imports" in the nearest package.json.'
  if (name.endsWith('.node'))
    return 'A native module is compiled on each machine: build it (npm rebuild, or its own build script) before the program runs.'
  if (/^[./]/.test(name)) return 'Is the path right? It is relative to the file that imports it.'
  return `npm install ${name.split('/', name.startsWith('@') ? 2 : 1).join('/')}`
}
