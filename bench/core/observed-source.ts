import type { Source } from 'millrace'

/** The source, and a call before each poll of a reader, with the rows that this reader has given so far. */
export function observed<T, E extends boolean>(source: Source<T, E>, seen: (rows: number) => void): Source<T, E> {
  const { concurrentSplits } = source
  return {
    label: source.label,
    schema: source.schema,
    bounded: source.bounded,
    prunes: source.prunes,
    ...(concurrentSplits === undefined ? {} : { concurrentSplits }),
    splits: context => source.splits(context),
    open(split, context) {
      const reader = source.open(split, context)
      let rows = 0
      return {
        poll(maxRows) {
          seen(rows)
          const batch = reader.poll(maxRows)
          if (typeof batch !== 'string') rows += batch.length
          return batch
        },
        offset: () => reader.offset(),
        close: () => reader.close(),
      }
    },
  }
}
