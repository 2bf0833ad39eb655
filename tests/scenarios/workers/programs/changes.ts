/** The changes of updating collections, as they come: written, and seen by a function on another worker. */
import { int32, row, text } from 'millrace'
import { csv, jsonLines } from 'millrace/files'
import { airportFile, env, flightFiles, target, write } from './around.ts'

const counts = env.stream(flightFiles).keyBy('origin').count()
const places = counts.join(env.dataset(airportFile), { on: ['origin', 'iata'] })
const changesOfStates = places.keyBy('state').process({
  emits: row({ state: text, change: int32 }),
  onElement: ({ row, weight }, { key, emit }) => emit({ state: key.state, change: row.count * weight }),
})
const changelog = { changelog: true } as const
await env.run([
  counts.to(jsonLines(target('counts.jsonl'), undefined, changelog)),
  places.to(jsonLines(target('places.jsonl/'), undefined, changelog)),
  places.to(csv(target('places.csv'), undefined, changelog)),
  write('changesOfStates', changesOfStates),
])
