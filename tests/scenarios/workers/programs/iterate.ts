/** Rows taken as they come: each is told of when the loop has it. */
import { appendFileSync } from 'node:fs'
import { flightFiles, streamOf, target } from './around.ts'

const late = streamOf(flightFiles).filter(f => f.delay > 0)
for await (const { id, delay } of late) appendFileSync(target('seen.jsonl'), `${JSON.stringify({ id, delay })}\n`)
