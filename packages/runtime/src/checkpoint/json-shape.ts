/** What JSON from outside must look like. A shape says what is wrong with a value, or undefined. */
export type Shape = (value: unknown, path: string) => string | undefined

const text: Shape = (value, path) => (typeof value === 'string' ? undefined : `${path} is no text`)

const flag: Shape = (value, path) => (typeof value === 'boolean' ? undefined : `${path} is neither true nor false`)

const finite: Shape = (value, path) => (Number.isFinite(value) ? undefined : `${path} is no number`)

/** Anything but nothing. */
const json: Shape = (value, path) => (value === undefined ? `${path} is missing` : undefined)

/** Integers. */
const whole =
  (from: number): Shape =>
  (value, path) =>
    Number.isSafeInteger(value) && (value as number) >= from ? undefined : `${path} is no number from ${from} on`

const choice =
  (...known: string[]): Shape =>
  (value, path) =>
    known.includes(value as string) ? undefined : `${path} is none of ${known.join(', ')}`

const checkedBy =
  (isRight: (value: string) => boolean, what: string): Shape =>
  (value, path) =>
    typeof value === 'string' && isRight(value) ? undefined : `${path} is not ${what}`

const optional =
  (shape: Shape): Shape =>
  (value, path) =>
    value === undefined ? undefined : shape(value, path)

const array =
  (item: Shape): Shape =>
  (value, path) =>
    Array.isArray(value) ? first(value.keys(), i => item(value[i], `${path}[${i}]`)) : `${path} is no array`

/** Objects with these properties; others are left alone. */
function record(properties: Readonly<Record<string, Shape>>): Shape {
  const entries = Object.entries(properties)
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${path} is no object`
    const given = value as Record<string, unknown>
    return first(entries, ([name, shape]) =>
      shape(Object.hasOwn(given, name) ? given[name] : undefined, `${path}.${name}`),
    )
  }
}

export const shape = { text, flag, finite, json, whole, choice, checkedBy, optional, array, record } as const

function first<T>(items: Iterable<T>, problemOf: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const problem = problemOf(item)
    if (problem !== undefined) return problem
  }
  return undefined
}
