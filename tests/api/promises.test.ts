/** An async function where rows are made at once: its promise is neither a row nor true. */
import { type DataStream, environment, type Kind, tumbling, type } from '@millrace/api'
import { fromRows } from '@millrace/connectors'
import { int32 } from '@millrace/runtime'
import { describe, expect, it } from 'vitest'

interface Row {
  k: number
  t: number
}

const rows: readonly Row[] = [
  { k: 1, t: 1 },
  { k: 1, t: 2 },
]

type Build = (all: DataStream<Row>) => DataStream<unknown, Kind>

const programs: [string, Build][] = [
  ['map', all => all.map(async r => r.k)],
  ['filter', all => all.filter(async r => r.k > 5)],
  ['flatMap', all => all.flatMap((async (r: Row) => [r]) as never)],
  ['with', all => all.with(async r => ({ more: r.k }))],
  ['reduce', all => all.keyBy('k').reduce((async (a: Row) => a) as never)],
  ['scan', all => all.keyBy('k').scan(() => 0, (async (n: number) => n + 1) as never)],
  [
    'apply',
    all =>
      all
        .eventTime('t')
        .keyBy('k')
        .window(tumbling(10))
        .apply((async () => []) as never),
  ],
  [
    'reduce',
    all =>
      all
        .eventTime('t')
        .keyBy('k')
        .window(tumbling(10))
        .reduce((async (a: Row) => a) as never),
  ],
]

describe.each(['columns', 'objects'])('over %s', kind => {
  const source = () =>
    environment().stream(kind === 'columns' ? fromRows([...rows], { k: int32, t: int32 }) : fromRows([...rows]))

  it.each(programs)('%s refuses a promise, at the line that has the function', async (name, build) => {
    await expect(build(source()).collect()).rejects.toMatchObject({
      code: 'USER_FUNCTION',
      message: `invalid result of ${name}: a promise`,
      hint: expect.stringContaining('await what it needs before'),
      details: { site: { file: 'tests/api/promises.test.ts' } },
    })
  })

  it('a join refuses one', async () => {
    const env = environment()
    const all = env.dataset(fromRows([...rows]))
    const joined = all.join(all, { on: [r => r.k, r => r.k] }, async left => left)
    await expect(joined.collect()).rejects.toThrow('invalid result of join: a promise')
  })

  it('a process refuses to emit one', async () => {
    const given = (send: (context: { emit(row: unknown): void; side(name: 's', row: unknown): void }) => void) =>
      source()
        .keyBy('k')
        .process({ emits: type<unknown>(), sides: { s: type<unknown>() }, onElement: (_, context) => send(context) })
        .collect()
    const refusal = 'invalid result of process: a promise'
    await expect(given(({ emit }) => emit(Promise.resolve(1)))).rejects.toThrow(refusal)
    await expect(given(({ side }) => side('s', Promise.resolve(1)))).rejects.toThrow(refusal)
    expect(await given(({ emit }) => emit(1))).toEqual([1, 1])
  })

  it.each([
    [undefined, 'undefined'],
    [5, '5'],
    [{ k: 1 }, 'an object that is not iterable'],
  ])('flatMap refuses what is not iterable: %s', async (value, shown) => {
    await expect(
      source()
        .flatMap((() => value) as never)
        .collect(),
    ).rejects.toMatchObject({
      code: 'USER_FUNCTION',
      message: `invalid result of flatMap: ${shown}`,
    })
  })
})
