/**
 * A copy of the checkout in a temporary folder, in which tests run as in the original.
 *
 * Installed packages are linked; the workspaces among them to the copy, so that there is one instance of each file.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

const left = new Set(['node_modules', 'dist', 'out', '.git'])

export function copyCheckout(root) {
  const copy = mkdtempSync(join(realpathSync(tmpdir()), 'millrace-mutate-'))
  cpSync(root, copy, { recursive: true, filter: path => !left.has(basename(path)) })
  const installed = join(root, 'node_modules')
  const modules = join(copy, 'node_modules')
  mkdirSync(join(modules, '@millrace'), { recursive: true })
  for (const name of readdirSync(installed))
    if (name !== '@millrace' && name !== 'millrace') symlinkSync(join(installed, name), join(modules, name))
  for (const name of readdirSync(join(copy, 'packages'))) {
    const link = name === 'millrace' ? name : `@millrace/${name}`
    symlinkSync(join(copy, 'packages', name), join(modules, link))
  }
  return copy
}
