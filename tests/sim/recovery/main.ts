/** What `npm run sim` runs: so many seeds from the first; a replay shows the trace, and `first` ends with the first that is wrong. */
import { runSeeds } from './run-seeds.ts'

const [first, seeds, how] = process.argv.slice(2)
const wrong = await runSeeds(Number(first), Number(seeds), how as 'replay' | 'first' | undefined)
process.exit(wrong === 0 ? 0 : 1)
