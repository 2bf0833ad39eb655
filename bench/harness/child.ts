/**
 * The process in which one thing is measured, so that nothing else has an influence on how its code is compiled or what
 * memory it has. It measures when it is sent a message, and answers with the value.
 */
import { memoryGrowth } from '../core/memory-growth.ts'
import { corePrograms } from '../core/programs.ts'
import { runByEngine, type Side } from './program.ts'

export interface Answer {
  readonly value: number
  /** Of the result, where there is one. */
  readonly checksum?: string
}

function measurement(name: string, side: string, events: number): () => Promise<Answer> {
  if (name === 'memoryGrowth') return async () => ({ value: await memoryGrowth(events) })
  const make = corePrograms[name]
  if (make === undefined) throw new Error(`unknown program: ${name}`)
  const program = make(events)
  return async () => {
    globalThis.gc?.()
    const began = performance.now()
    const checksum = (side as Side) === 'loop' ? program.loop() : (await runByEngine([program]))[0]!
    return { value: program.rows / ((performance.now() - began) / 1000), checksum }
  }
}

const [name = '', side = '', events = ''] = process.argv.slice(2)
const measure = measurement(name, side, Number(events))
process.on('message', async () => process.send?.(await measure()))
