/** Rows taken as they come, and a loop that is left before its end. */
import { env, flightFiles } from './around.ts'

let rows = 0
let delays = 0
const late = env.stream(flightFiles).filter(f => f.delay > 0)
for await (const flight of late) {
  rows++
  delays += flight.delay
}
console.log(JSON.stringify({ rows, delays }))
