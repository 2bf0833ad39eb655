/** The version of the package this file is part of: of its nearest package.json, in the workspace and once packed. */
import { existsSync, readFileSync } from 'node:fs'

export function version(): string {
  let url = new URL('./package.json', import.meta.url)
  while (!existsSync(url)) url = new URL('../package.json', url)
  return (JSON.parse(readFileSync(url, 'utf8')) as { version: string }).version
}
