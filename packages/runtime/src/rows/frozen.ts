/**
 * Freezes a row, and the plain objects and lists in it. Rows are values: several steps may see the same one, and state may
 * keep it, so a function that changes what it is given changes what others see, or does not, as the plan has it.
 * Instances of classes are left as they are; what is frozen already is not looked into, so that a row is walked once.
 */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || !isPlain(value)) return value
  Object.freeze(value)
  for (const inner of Object.values(value)) frozen(inner)
  return value
}

function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** What the engine throws (V8) where a frozen object is to be changed. */
const CHANGED =
  /^Cannot (assign to read only property|add property .* object is not extensible|delete property|redefine property|define property .* object is not extensible)/

/** Whether an error says that something frozen was to be changed. */
export function isChange(error: unknown): error is TypeError {
  return error instanceof TypeError && CHANGED.test(error.message)
}
