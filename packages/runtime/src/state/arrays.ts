/** Growable arrays that hold one value of a field a key id. Absence is the owner's business, not theirs. */
import {
  AnyColumn,
  BigintColumn,
  BooleanColumn,
  type Column,
  DoubleColumn,
  type Field,
  field,
  Int32Column,
  Schema,
} from '@millrace/algebra'

export type StateArray = Int32Array | Float64Array | BigInt64Array | Uint8Array | unknown[]

export function stateArray(type: Field, capacity: number): StateArray {
  switch (type.type.kind) {
    case 'int32':
      return new Int32Array(capacity)
    case 'double':
    case 'timestamp':
      return new Float64Array(capacity)
    case 'bigint':
      return new BigInt64Array(capacity)
    case 'boolean':
      return new Uint8Array(capacity)
    case 'text':
    case 'any':
      return new Array(capacity).fill(undefined)
  }
}

/** The same values with room for `capacity`. */
export function grown<A extends StateArray>(array: A, type: Field, capacity: number): A {
  if (Array.isArray(array)) {
    for (let i = array.length; i < capacity; i++) array.push(undefined)
    return array
  }
  const larger = stateArray(type, capacity) as Exclude<StateArray, unknown[]>
  larger.set(array as never)
  return larger as A
}

/** Values from one position to another as a column that shares their memory; a part of a list is a list of its own. */
export function columnOver(array: StateArray, from: number, to: number): Column {
  if (Array.isArray(array)) return new AnyColumn(from === 0 && to === array.length ? array : array.slice(from, to))
  if (array instanceof Float64Array) return new DoubleColumn(array.subarray(from, to))
  if (array instanceof Int32Array) return new Int32Column(array.subarray(from, to))
  if (array instanceof Uint8Array) return new BooleanColumn(array.subarray(from, to))
  return new BigintColumn(array.subarray(from, to))
}

/** Values of some ids as a column; text stays as JavaScript strings in an `any` column (see `snapshotSchema`). */
export function gatherArray(array: StateArray, ids: Int32Array, length: number): Column {
  if (Array.isArray(array)) {
    const values = new Array<unknown>(length)
    for (let i = 0; i < length; i++) values[i] = array[ids[i]]
    return new AnyColumn(values)
  }
  if (array instanceof Float64Array) {
    const values = new Float64Array(length)
    for (let i = 0; i < length; i++) values[i] = array[ids[i]]
    return new DoubleColumn(values)
  }
  if (array instanceof Int32Array) {
    const values = new Int32Array(length)
    for (let i = 0; i < length; i++) values[i] = array[ids[i]]
    return new Int32Column(values)
  }
  if (array instanceof Uint8Array) {
    const values = new Uint8Array(length)
    for (let i = 0; i < length; i++) values[i] = array[ids[i]]
    return new BooleanColumn(values)
  }
  const values = new BigInt64Array(length)
  for (let i = 0; i < length; i++) values[i] = array[ids[i]]
  return new BigintColumn(values)
}

/** Puts back what `gatherArray` took out. */
export function scatterArray(array: StateArray, ids: Int32Array, column: Column): void {
  const flags = array instanceof Uint8Array
  for (let i = 0; i < ids.length; i++) {
    const value = column.get(i)
    array[ids[i]] = (flags ? Number(value) : value) as never
  }
}

/** The columns of a snapshot part: the key id, then the fields. */
export function snapshotSchema(fields: readonly Field[]): Schema {
  return Schema.record([
    field('id', 'int32'),
    ...fields.map((f, i) => field(`${i}:${f.name}`, f.type.kind === 'text' ? 'any' : f.type, true)),
  ])
}

/** Ids sorted into key groups, each ascending as the ids given are. */
export function byGroup(ids: Iterable<number>, groupOf: (id: number) => number): Map<number, Int32Array> {
  const lists = new Map<number, number[]>()
  for (const id of ids) {
    const group = groupOf(id)
    const list = lists.get(group)
    if (list === undefined) lists.set(group, [id])
    else list.push(id)
  }
  return new Map([...lists].sort(([a], [b]) => a - b).map(([group, list]) => [group, Int32Array.from(list)]))
}

export function idsOf(column: Column, length: number): Int32Array {
  if (!(column instanceof Int32Column)) throw new TypeError('invalid snapshot: ids must be int32')
  return column.values.subarray(0, length)
}
