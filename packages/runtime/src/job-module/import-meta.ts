/**
 * `import.meta`, `__filename`, `__dirname` and `require.main` in a bundle: each file keeps its own.
 *
 * A file that mentions `import.meta` gets one more import, on a line after its last, so that no position in the file
 * moves. The imported module holds the url, filename and dirname of the file, and resolves relative names from there.
 * A CommonJS file can import nothing; it gets its names at the start of its first line. The names that stand for
 * these carry a hash of the program's path, so that no program has them by accident.
 */
import { createHash } from 'node:crypto'
import { readFile, realpath } from 'node:fs/promises'
import { dirname, extname } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Loader, Plugin } from 'esbuild'

const scheme = 'millrace-meta:'

/** For the program `file`, an absolute path. */
export function keepImportMeta(file: string): Plugin {
  const names = namesFor(file)
  return {
    name: 'import-meta',
    setup(build) {
      const options = build.initialOptions
      options.define = {
        ...options.define,
        'import.meta': names.meta,
        __filename: names.filename,
        __dirname: names.dirname,
        'require.main': names.main,
      }
      // The one place where `import.meta` is the bundle's own.
      options.banner = { js: `const ${names.resolve} = import.meta.resolve;` }
      build.onLoad({ filter: /\.[cm]?[jt]sx?$/, namespace: 'file' }, async ({ path }) => {
        const [text, program] = await Promise.all([readFile(path, 'utf8'), realpath(file)])
        return { contents: withOwn(text, path, path === program, names), loader: loaderOf(path) }
      })
      build.onResolve({ filter: new RegExp(`^${scheme}`) }, ({ path }) => ({
        path: path.slice(scheme.length),
        namespace: 'import-meta',
      }))
      build.onLoad({ filter: /.*/, namespace: 'import-meta' }, ({ path }) => ({
        contents: metaModule(path, names.resolve),
      }))
    },
  }
}

type Names = ReturnType<typeof namesFor>

function namesFor(file: string) {
  const hash = createHash('sha256').update(file).digest('hex').slice(0, 12)
  const name = (what: string) => `millrace_${what}_${hash}`
  return {
    meta: name('meta'),
    resolve: name('resolve'),
    filename: name('filename'),
    dirname: name('dirname'),
    main: name('main'),
  }
}

function withOwn(text: string, path: string, isProgram: boolean, names: Names): string {
  const shebang = /^#!.*\n/.exec(text)?.[0] ?? ''
  let before = ''
  if (/\b__(file|dir)name\b/.test(text))
    before += `var ${names.filename} = ${JSON.stringify(path)}, ${names.dirname} = ${JSON.stringify(dirname(path))};`
  if (/\brequire\s*\.\s*main\b/.test(text))
    before += `var ${names.main} = ${isProgram ? "typeof module === 'object' ? module : undefined" : 'undefined'};`
  const after = text.includes('import.meta') ? `\nimport ${names.meta} from ${JSON.stringify(scheme + path)}` : ''
  return shebang + before + text.slice(shebang.length) + after
}

function metaModule(path: string, resolve: string): string {
  const url = JSON.stringify(pathToFileURL(path).href)
  return `export default {
  url: ${url}, filename: ${JSON.stringify(path)}, dirname: ${JSON.stringify(dirname(path))},
  resolve: name => /^\\.{0,2}\\//.test(name) ? new URL(name, ${url}).href : ${resolve}(name)
}`
}

function loaderOf(path: string): Loader {
  return extname(path).replace(/^\.[cm]?/, '') as Loader
}
