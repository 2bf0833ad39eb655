/**
 * `import.meta` in a bundle: each file keeps its own.
 *
 * A file that mentions it gets one more import, on a line after its last, so that no position in the file moves. The
 * imported module holds the url, filename and dirname of the file, and resolves relative names from there.
 */
import { readFile } from 'node:fs/promises'
import { dirname, extname } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Loader, Plugin } from 'esbuild'

/** Goes on top of the bundle: the one place where `import.meta` is the bundle's own. */
export const nativeResolve = 'const __millraceResolve = import.meta.resolve;'

const scheme = 'millrace-meta:'

export function keepImportMeta(): Plugin {
  return {
    name: 'import-meta',
    setup(build) {
      build.initialOptions.define = { ...build.initialOptions.define, 'import.meta': '__millraceMeta' }
      build.onLoad({ filter: /\.[cm]?[jt]sx?$/, namespace: 'file' }, async ({ path }) => {
        const text = await readFile(path, 'utf8')
        if (!text.includes('import.meta')) return { contents: text, loader: loaderOf(path) }
        const contents = `${text}\nimport __millraceMeta from ${JSON.stringify(scheme + path)}`
        return { contents, loader: loaderOf(path) }
      })
      build.onResolve({ filter: new RegExp(`^${scheme}`) }, ({ path }) => ({
        path: path.slice(scheme.length),
        namespace: 'import-meta',
      }))
      build.onLoad({ filter: /.*/, namespace: 'import-meta' }, ({ path }) => ({ contents: metaModule(path) }))
    },
  }
}

function metaModule(path: string): string {
  const url = JSON.stringify(pathToFileURL(path).href)
  return `export default {
  url: ${url}, filename: ${JSON.stringify(path)}, dirname: ${JSON.stringify(dirname(path))},
  resolve: name => /^\\.{0,2}\\//.test(name) ? new URL(name, ${url}).href : __millraceResolve(name)
}`
}

function loaderOf(path: string): Loader {
  return extname(path).replace(/^\.[cm]?/, '') as Loader
}
