import { closeSync, fsyncSync, openSync } from 'node:fs'

/** Names in a folder must survive a crash too. Some systems cannot open a folder; there it is up to them. */
export function syncFolder(folder: string): void {
  try {
    const fd = openSync(folder, 'r')
    try {
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  } catch {
    // not possible on Windows
  }
}
