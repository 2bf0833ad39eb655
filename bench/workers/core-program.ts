/**
 * The checksums of programs of the core suite, as one job, with so many workers, one number of them after the other:
 * `core-program NAME[,NAME...] EVENTS WORKERS...`. Workers come to the first job only; at any number it is the same.
 */
import { corePrograms } from '../core/programs.ts'
import { type Program, runByEngine } from '../harness/program.ts'
import { ready, tell } from './parent.ts'

const [names = '', events, ...workers] = process.argv.slice(2)

function programOf(name: string): Program {
  const make = corePrograms[name]
  if (make === undefined) throw new Error(`unknown program: ${name} (known: ${Object.keys(corePrograms).join(', ')})`)
  return make(Number(events))
}

const programs = names.split(',').map(programOf)
await ready()
const checksums: string[][] = []
for (const parallelism of workers.map(Number))
  checksums.push(await runByEngine(programs, { parallelism, job: import.meta.url }))
tell(checksums)
