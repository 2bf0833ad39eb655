/**
 * The checksums of a program of the core suite with so many workers, one job after the other: `core-program NAME EVENTS
 * WORKERS...`. In workers the first job is the only one; it is the same program at any number of them.
 */
import { corePrograms } from '../core/programs.ts'
import { ready, tell } from './parent.ts'

const [name = '', events, ...workers] = process.argv.slice(2)
const make = corePrograms[name]
if (make === undefined) throw new Error(`unknown program: ${name} (known: ${Object.keys(corePrograms).join(', ')})`)

await ready()
const checksums: string[] = []
for (const parallelism of workers.map(Number))
  checksums.push(await make(Number(events)).engine({ parallelism, job: import.meta.url }))
tell(checksums)
