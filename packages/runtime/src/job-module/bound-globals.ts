/**
 * Binds a bundle's clock and chance to the Host: `Date`, `Math.random`, `performance.now` and `crypto.randomUUID`.
 *
 * esbuild replaces these names where they mean the globals, and only there: a program's own variable `Date` is left
 * alone, and no name of the injected module can clash with one of the program's. What a program reaches another way
 * (`globalThis.Date`, `const { random } = Math`) and what packages outside the bundle do stays the machine's.
 */
import type { Plugin } from 'esbuild'
import { globalsKey } from './globals.ts'

const specifier = 'millrace:globals'

const bound = `
const { Date, random, elapsed, randomUUID } = globalThis[Symbol.for(${JSON.stringify(globalsKey)})]
export { Date, random as 'Math.random', elapsed as 'performance.now', randomUUID as 'crypto.randomUUID' }
`

export function boundGlobals(): Plugin {
  return {
    name: 'bound-globals',
    setup(build) {
      build.initialOptions.inject = [...(build.initialOptions.inject ?? []), specifier]
      // Without side effects: it is left out of a bundle that mentions none of the names.
      build.onResolve({ filter: new RegExp(`^${specifier}$`) }, () => ({
        path: specifier,
        namespace: 'bound-globals',
        sideEffects: false,
      }))
      build.onLoad({ filter: /.*/, namespace: 'bound-globals' }, () => ({ contents: bound }))
    },
  }
}
