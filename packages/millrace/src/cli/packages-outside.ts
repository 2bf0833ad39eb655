/**
 * Keeps packages out of a bundle: an import of a package becomes an import of the file it resolves to.
 *
 * Resolved by the importing file's own folder, with the conditions Node uses; so a program spread over several
 * packages finds what each of them depends on. A package that consists of TypeScript (a sibling in a workspace) goes
 * into the bundle. `millrace` is there even where nothing is installed: it is this one.
 */
import { extname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { OnResolveArgs, Plugin } from 'esbuild'

const resolving = Symbol('resolving')

export function packagesOutside(): Plugin {
  return {
    name: 'packages-outside',
    setup(build) {
      build.onResolve({ filter: /^[^./#]/ }, async args => {
        if (args.pluginData === resolving || args.kind === 'entry-point' || args.path.startsWith('node:'))
          return undefined
        const { importer, kind, path, resolveDir } = args
        const found = await build.resolve(path, { importer, kind, resolveDir, pluginData: resolving })
        if (found.errors.length > 0) {
          const own = ownModule(path)
          return own === undefined ? undefined : outside(own, args)
        }
        if (found.external || /^\.([cm]?tsx?|jsx)$/.test(extname(found.path))) return found
        return outside(found.path, args)
      })
    },
  }
}

function outside(path: string, { kind }: OnResolveArgs): { path: string; external: true } {
  return { path: kind === 'require-call' ? path : pathToFileURL(path).href, external: true }
}

/** The file of an entry of this package: it can import itself by name. */
function ownModule(name: string): string | undefined {
  if (name !== 'millrace' && !name.startsWith('millrace/')) return undefined
  try {
    return fileURLToPath(import.meta.resolve(name))
  } catch {
    return undefined
  }
}
