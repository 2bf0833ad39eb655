/**
 * The simulation of checkpoints and crashes as one file that runs by itself, from source: a seed then takes no longer than its
 * own work. Patches change sources as they are read, so that a defect can be planted without touching the checkout.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

/** @param patches `{ file, find, put }`; `find` must be there exactly once */
export async function bundle(root, outfile, patches = []) {
  const left = new Set(patches)
  const plant = {
    name: 'plant',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const own = patches.filter(({ file }) => path === join(root, file))
        if (own.length === 0) return undefined
        let contents = readFileSync(path, 'utf8')
        for (const patch of own) {
          left.delete(patch)
          contents = planted(contents, patch)
        }
        return { contents, loader: 'ts' }
      })
    },
  }
  await build({
    entryPoints: [join(root, 'tests/sim/recovery/main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['source'],
    external: ['esbuild'],
    sourcemap: 'inline',
    logLevel: 'error',
    plugins: [plant],
    absWorkingDir: root,
  })
  if (left.size > 0) throw new Error(`unknown file: ${[...left].map(({ file }) => file).join(', ')}`)
}

/** The source with the patch; throws unless there is one place for it. */
export function planted(source, { file, find, put }) {
  const parts = source.split(find)
  if (parts.length !== 2) throw new Error(`${parts.length - 1} places in ${file} to plant: ${find}`)
  return parts.join(put)
}
