/** What a user's function is given is its own: later input, other keys and other windows do not change it. */
import { Batch, Int32Column, Utf8Column } from '@millrace/algebra'
import { type DataStream, environment, list, map, sliding, tumbling, type, value } from '@millrace/api'
import { int32, type Source, schemaOf, text } from '@millrace/runtime'
import { describe, expect, it } from 'vitest'

interface Row {
  k: number
  t: number
  name: string
}

const schema = schemaOf({ k: int32, t: int32, name: text })
const rows: readonly Row[] = Array.from({ length: 60 }, (_, t) => ({ k: t % 2, t, name: `n${t % 10}` }))

/** Gives three rows a poll, in arrays that the next poll overwrites, and the end of the input too. */
function reusing(): Source<Row, true> {
  const room = 3
  const arrays = { k: new Int32Array(room), t: new Int32Array(room), heap: new Int32Array(room) }
  const starts = Int32Array.from({ length: room }, (_, i) => i)
  const bytes = new Uint8Array(arrays.heap.buffer)
  return {
    label: 'reusing',
    schema,
    bounded: true,
    prunes: false,
    splits: async () => [{ id: '0' }],
    open: () => {
      let at = 0
      return {
        poll() {
          for (let i = 0; i < room; i++) {
            const { k, t, name } = rows[at + i] ?? { k: 99, t: 99, name: 'xx' }
            arrays.k[i] = k
            arrays.t[i] = t
            bytes.set(Buffer.from(name), i * 4)
          }
          if (at >= rows.length) return 'end'
          at += room
          const lengths = new Int32Array(room).fill(2)
          const columns = [
            new Int32Column(arrays.k),
            new Int32Column(arrays.t),
            new Utf8Column(starts, lengths, arrays.heap),
          ]
          return new Batch(schema, columns, room)
        },
        offset: () => at,
        close: () => {},
      }
    },
  }
}

/** Not checked: what functions do to their lists is what is tested. */
const source = () => environment({ check: false }).stream(reusing()).eventTime('t')
const ofKey = (k: number) => rows.filter(r => r.k === k)
const between = (from: number, to: number) => rows.filter(r => r.t >= from && r.t < to)

/** A function of the user that does what it must not: empties what it was given. */
function emptied(given: readonly Row[]): Row[] {
  return (given as Row[]).splice(0)
}

describe('rows that the source overwrites after every batch', () => {
  it('are whole in a window, and in what its function keeps of them', async () => {
    const kept: Row[][] = []
    const windows = source()
      .keyBy(() => 0)
      .window(tumbling(20))
      .apply(all => {
        kept.push(all as Row[])
        return [all]
      })
    const expected = [between(0, 20), between(20, 40), between(40, 60)]
    expect(await windows.collect()).toEqual(expected)
    expect(kept).toEqual(expected)
  })

  it('are whole in overlapping windows, whatever an earlier window did to its list', async () => {
    const windows = source()
      .keyBy(() => 0)
      .window(sliding(30, 10))
      .apply(all => [emptied(all)])
    const starts = [-20, -10, 0, 10, 20, 30, 40, 50]
    expect(await windows.collect()).toEqual(starts.map(start => between(start, start + 30)))
  })

  it('are whole in a reduce, with a window and without', async () => {
    const later = (a: Row, b: Row): Row => (b.t > a.t ? b : a)
    const windowed = source().keyBy('k').window(tumbling(20)).reduce(later)
    expect((await windowed.collect()).map(r => r.t)).toEqual([18, 19, 38, 39, 58, 59])
    const overall = source().keyBy('k').reduce(later)
    expect(await overall.collect()).toEqual([rows[58], rows[59]])
  })

  it('are whole in the state of a process and in a scan', async () => {
    const lists = source()
      .keyBy('k')
      .process({
        emits: type<readonly Row[]>(),
        state: { all: list<Row>(), byName: map<string, Row>() },
        onElement(row, { state, emit }) {
          state.all.add(row)
          state.byName.set(row.name, row)
          for (const [name, held] of state.byName.entries()) expect(held.name).toBe(name)
          if (row.t >= 58) emit(state.all.get())
        },
      })
    expect(await lists.collect()).toEqual([ofKey(0), ofKey(1)])
    const firsts = source()
      .keyBy('k')
      .scan(
        () => [] as Row[],
        (held, row) => (held.length < 5 ? [...held, row] : held),
      )
    expect((await firsts.collect()).slice(-2)).toEqual([ofKey(0).slice(0, 5), ofKey(1).slice(0, 5)])
  })

  it('are whole where they are sorted, made distinct or joined', async () => {
    const all = environment().dataset(reusing())
    expect(await all.sortBy(c => c.t.descending()).collect()).toEqual(rows.toReversed())
    expect((await all.distinct('name').collect()).map(r => r.t)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    const joined = all.join(all.pick('t', 'name').rename({ name: 'again' }), { on: 't' })
    expect(await joined.collect()).toEqual(rows.map(r => ({ ...r, again: r.name })))
    expect(await all.first(50).collect()).toEqual(rows.slice(0, 50))
  })

  it('are whole in memory', async () => {
    const all: DataStream<Row> = source()
    expect(await all.collect()).toEqual(rows)
    const seen: Row[] = []
    for await (const row of source()) seen.push(row)
    expect(seen).toEqual(rows)
  })
})

describe('the default of a value', () => {
  const seen = () => ({ seen: [] as number[] })

  it('is a copy for each key, so that changing one changes no other', async () => {
    const initial = seen()
    const counts = source()
      .keyBy('k')
      .process({
        emits: type<{ k: number; seen: number[] }>(),
        state: { held: value({ default: initial }) },
        onElement({ k, t }, { state, emit }) {
          const held = state.held.get()
          held.seen.push(t)
          state.held.set(held)
          if (t >= 58) emit({ k, seen: held.seen })
        },
      })
    const expected = [0, 1].map(k => ({ k, seen: ofKey(k).map(r => r.t) }))
    expect(await counts.collect()).toEqual(expected)
    expect(initial).toEqual(seen())
    expect(await counts.collect()).toEqual(expected)
  })

  it('is the same again at every get that no set followed, and after clear', async () => {
    const lengths = source()
      .keyBy('k')
      .process({
        emits: type<number>(),
        state: { held: value({ default: seen() }) },
        onElement({ t }, { state, emit }) {
          state.held.get().seen.push(1)
          emit(state.held.get().seen.length)
          state.held.set({ seen: [t] })
          state.held.clear()
        },
      })
    expect(new Set(await lengths.collect())).toEqual(new Set([0]))
  })
})
