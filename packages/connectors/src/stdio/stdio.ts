import { type StreamSinks, streamSinks } from './stream-sink.ts'
import { type StreamFormats, streamFormats } from './stream-source.ts'

/**
 * What comes from standard input, until it ends. It can be read once, by one job.
 *
 *     env.stream(stdin.jsonLines({ user: text, amount: double }))
 */
export const stdin: StreamFormats = streamFormats('stdin', () => process.stdin)

/**
 * Standard output, row by row as they come. When its reader goes away (`| head`), the job ends with the error CANCELLED.
 *
 *     results.to(stdout.jsonLines()).run()
 */
export const stdout: StreamSinks = streamSinks('stdout', () => process.stdout)
