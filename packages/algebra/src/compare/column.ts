/**
 * Comparing and equating rows of two columns. One function literal a pair of kinds: V8 shares type feedback by literal.
 * Columns compare with their own kind, dictionary with UTF-8, and int32 with double.
 */
import { type Column, type DictionaryColumn, isValid, type Utf8Column } from '../column.ts'
import { dictionaryText } from '../keys/dictionary-text.ts'
import { structurallyEqual } from '../structure/equal.ts'
import { compareText, compareUtf8, equalUtf8 } from './text.ts'
import { compareNumbers, compareValues } from './value.ts'

/** Negative, 0 or positive for physical row i of one column and j of the other. */
export type Comparator = (i: number, j: number) => number

/** The order of values: see `compareValues`; absent ones are equal to one another and come last. */
export function columnComparator(a: Column, b: Column): Comparator {
  return withAbsent(a, b, presentComparator(a, b))
}

/** Whether two columns hold the same value, absent ones being the same; `any` values by structure. */
export function columnEquality(a: Column, b: Column): (i: number, j: number) => boolean {
  if (a.kind === 'any' && b.kind === 'any') return (i, j) => structurallyEqual(a.values[i] ?? null, b.values[j] ?? null)
  if (a.validity === null && b.validity === null) return presentEquality(a, b)
  const equal = presentEquality(a, b)
  return (i, j) => {
    const present = isValid(a.validity, i)
    return present === isValid(b.validity, j) && (!present || equal(i, j))
  }
}

function withAbsent(a: Column, b: Column, compare: Comparator): Comparator {
  if (a.validity === null && b.validity === null) return compare
  return (i, j) => {
    const presentA = isValid(a.validity, i)
    const presentB = isValid(b.validity, j)
    return presentA && presentB ? compare(i, j) : Number(presentB) - Number(presentA)
  }
}

function presentComparator(a: Column, b: Column): Comparator {
  if (a.kind === 'int32' && b.kind === 'int32') {
    const [x, y] = [a.values, b.values]
    return (i, j) => (x[i] < y[j] ? -1 : x[i] > y[j] ? 1 : 0)
  }
  if (a.kind === 'double' && b.kind === 'double') {
    const [x, y] = [a.values, b.values]
    return (i, j) => (x[i] < y[j] ? -1 : x[i] > y[j] ? 1 : x[i] === y[j] ? 0 : compareNumbers(x[i], y[j]))
  }
  if ((a.kind === 'int32' || a.kind === 'double') && (b.kind === 'int32' || b.kind === 'double')) {
    const [x, y] = [a.values, b.values]
    return (i, j) => compareNumbers(x[i], y[j])
  }
  if (a.kind === 'bigint' && b.kind === 'bigint') {
    const [x, y] = [a.values, b.values]
    return (i, j) => (x[i] < y[j] ? -1 : x[i] > y[j] ? 1 : 0)
  }
  if (a.kind === 'boolean' && b.kind === 'boolean') {
    const [x, y] = [a.values, b.values]
    return (i, j) => x[i] - y[j]
  }
  if (a.kind === 'utf8' && b.kind === 'utf8')
    return (i, j) => compareUtf8(a.heap, a.starts[i], a.lengths[i], b.heap, b.starts[j], b.lengths[j])
  if (a.kind === 'dictionary' && b.kind === 'dictionary') {
    const [x, y] = [a.dictionary.values, b.dictionary.values]
    return (i, j) => compareText(x[a.codes[i]], y[b.codes[j]])
  }
  if (a.kind === 'utf8' && b.kind === 'dictionary') return compareWithDictionary(a, b)
  if (a.kind === 'dictionary' && b.kind === 'utf8') {
    const compare = compareWithDictionary(b, a)
    return (i, j) => -compare(j, i)
  }
  if (a.kind === 'any' && b.kind === 'any') {
    const [x, y] = [a.values, b.values]
    return (i, j) => compareValues(x[i], y[j])
  }
  throw new RangeError(`invalid comparison: ${a.kind} with ${b.kind}`)
}

function compareWithDictionary(a: Utf8Column, b: DictionaryColumn): Comparator {
  const text = dictionaryText(b.dictionary)
  return (i, j) => {
    const code = b.codes[j]
    return compareUtf8(a.heap, a.starts[i], a.lengths[i], text.heap, text.starts[code], text.lengths[code])
  }
}

function presentEquality(a: Column, b: Column): (i: number, j: number) => boolean {
  if (a.kind === 'int32' && b.kind === 'int32') {
    const [x, y] = [a.values, b.values]
    return (i, j) => x[i] === y[j]
  }
  if (a.kind === 'boolean' && b.kind === 'boolean') {
    const [x, y] = [a.values, b.values]
    return (i, j) => x[i] === y[j]
  }
  if (a.kind === 'double' && b.kind === 'double') {
    const [x, y] = [a.values, b.values]
    return (i, j) => x[i] === y[j] || (Number.isNaN(x[i]) && Number.isNaN(y[j]))
  }
  if (a.kind === 'utf8' && b.kind === 'utf8')
    return (i, j) => a.lengths[i] === b.lengths[j] && equalUtf8(a.heap, a.starts[i], b.heap, b.starts[j], a.lengths[i])
  if (a.kind === 'dictionary' && b.kind === 'dictionary') {
    const [x, y] = [a.codes, b.codes]
    if (a.dictionary === b.dictionary) return (i, j) => x[i] === y[j]
    return (i, j) => a.dictionary.values[x[i]] === b.dictionary.values[y[j]]
  }
  const compare = presentComparator(a, b)
  return (i, j) => compare(i, j) === 0
}
