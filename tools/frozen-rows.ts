/**
 * Jobs under test give functions frozen rows, as `millrace run --check` does, unless the environment says otherwise. Set
 * without importing the engine, which many tests do not need.
 */
const mode = { check: true, running: 0 }
Object.assign(globalThis, { [Symbol.for('millrace.mode')]: mode })
