import type { Sink } from '@millrace/runtime'
import type { Written } from '../files/format.ts'
import { type StreamSinks, streamSinks } from './stream-sink.ts'
import { type StreamFormats, streamFormats } from './stream-source.ts'

const input = streamFormats('stdin', () => process.stdin)
const output = streamSinks('stdout', () => process.stdout)

/**
 * What comes from standard input until it ends, as lines of text, or as `stdin.jsonLines(...)` and `stdin.csv(...)` with
 * the schemas and options of the file formats. It can be read once, by one job, and is read in the thread of the caller.
 *
 * @example
 * const payments = () => env.stream(stdin.jsonLines({ user: text, amount: double }))
 */
export const stdin: StreamFormats & StreamFormats['textLines'] = Object.assign(input.textLines, input)

/**
 * Standard output, row by row as they come: text as it is, other rows as JSON Lines; or `stdout.jsonLines()`,
 * `stdout.csv()`, `stdout.textLines()`. With `{ changelog: true }` it also takes rows that come and go, with their weights.
 * It is written in the thread of the caller. When its reader goes away (`| head`), the job ends with the error CANCELLED.
 *
 * @example
 * await env.dataset(fromRows(['over and out'])).to(stdout()).run()
 */
export const stdout: StreamSinks & Stdout = Object.assign(output.rows as Stdout, output)

type Stdout = <const O extends { readonly changelog?: boolean } = {}>(options?: O) => Sink<unknown, Written<O>>
