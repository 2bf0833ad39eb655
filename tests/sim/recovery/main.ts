/** `npm run sim -- --recovery`: seeds of the simulation of checkpoints and crashes, one after the other. */
import { runSeeds } from './run-seeds.ts'

const [first, seeds, replay] = process.argv.slice(2)
const wrong = await runSeeds(Number(first), Number(seeds), replay === 'replay')
process.exit(wrong === 0 ? 0 : 1)
