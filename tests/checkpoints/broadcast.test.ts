/**
 * A job with rules on every worker, state by key and a list for each worker, that is killed again and again and goes on with
 * other numbers of workers.
 */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Workshop } from '../cli/workshop.ts'
import { runLives } from './lives.ts'
import { hiddenIn, resultsIn } from './results.ts'

const ROWS = 6000
const RULES = 300
const GROUP = 7

const program = `
import { broadcast, environment, generate, int32, list, row, text, type, value } from 'millrace'
import { jsonLines } from 'millrace/files'

const [out, rate, workers] = process.argv.slice(2)
const env = environment({ parallelism: Number(workers), checkpoints: { dir: 'state', every: 60 } })
const limited = Number.isFinite(Number(rate)) ? { ratePerSecond: Number(rate) } : {}
const rows = env.stream(generate({ rows: ${ROWS}, splits: 4, ...limited, schema: { id: int32, k: int32 } }, i => ({ id: i, k: i % 50 })))
const rules = generate({ rows: ${RULES}, splits: 3, schema: { rule: int32, factor: int32 } }, i => ({ rule: i, factor: i * i }))
const all = env.dataset(rules)
const state = { factors: broadcast() }
const onBroadcast = ({ rule, factor }, { state }) => state.factors.set(rule, factor)
const scored = rows.keyBy('k').connectBroadcast(all, {
  emits: row({ id: int32, seq: int32, score: int32 }),
  state: { ...state, seq: value(int32, { default: 0 }) },
  onBroadcast,
  onElement({ id, k }, { state, emit }) {
    const seq = state.seq.get() + 1
    state.seq.set(seq)
    emit({ id, seq, score: state.factors.get(k) + state.factors.size })
  },
})
const grouped = rows.connectBroadcast(all, {
  emits: row({ ids: text }),
  state: { ...state, waiting: list() },
  onBroadcast,
  onElement({ id }, { state, emit }) {
    state.waiting.add(id)
    if (state.waiting.get().length < ${GROUP}) return
    emit({ ids: state.waiting.get().join() })
    state.waiting.clear()
  },
})
const live = rows.keyBy('k').connectBroadcast(all.stream(), {
  emits: row({ id: int32, known: int32 }),
  state,
  onBroadcast,
  onElement: ({ id }, { state, emit }) => emit({ id, known: state.factors.size }),
})
await env.run([scored.to(jsonLines(out + '/scored/')), grouped.to(jsonLines(out + '/grouped/')), live.to(jsonLines(out + '/live/'))], {
  onEvent(event) {
    if (event.kind === 'checkpoint' || event.kind === 'restored') console.log(JSON.stringify(event))
  },
})
`

const workshop = new Workshop()
beforeAll(() => {
  workshop.write({ 'job.ts': program })
  workshop.install()
})
afterAll(() => workshop.remove())

it('workers 1, 2, 3, 1', { timeout: 120_000 }, async () => {
  await runLives(
    workshop,
    'out',
    1500,
    [1, 2, 3, 1].map(workers => [`${workers}`]),
  )
  const { scored, grouped, live } = resultsIn(join(workshop.folder, 'out'))
  const scores = scored!.map(line => JSON.parse(line) as { id: number; seq: number; score: number })
  expect(scores.map(({ id, score }) => [id, score]).sort(([a], [b]) => a! - b!)).toEqual(
    Array.from({ length: ROWS }, (_, id) => [id, (id % 50) ** 2 + RULES]),
  )
  const numbers = new Set(scores.map(({ id, seq }) => `${id % 50}: ${seq}`))
  expect([numbers.size, Math.max(...scores.map(({ seq }) => seq))]).toEqual([ROWS, ROWS / 50])

  // Lists of several workers become one, which is then longer.
  const groups = grouped!.map(line => (JSON.parse(line) as { ids: string }).ids.split(',').map(Number))
  expect(Math.min(...groups.map(ids => ids.length))).toBe(GROUP)
  const ids = groups.flat()
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.length).toBeGreaterThan(ROWS - GROUP)

  const known = live!.map(line => JSON.parse(line) as { id: number; known: number })
  expect(known.map(({ id }) => id).sort((a, b) => a - b)).toEqual(Array.from({ length: ROWS }, (_, id) => id))
  expect(Math.max(...known.map(of => of.known))).toBe(RULES)
  expect(hiddenIn(join(workshop.folder, 'out'))).toEqual([])
})
