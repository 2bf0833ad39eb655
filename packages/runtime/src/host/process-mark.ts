/**
 * What tells whose something is that outlives the process which made it, a file half written or a folder: what a process
 * has left that is gone may be swept.
 */
import { readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { crc32 } from 'node:zlib'

/** For names: of this machine (and among the same process ids: containers have their own), and of this process. */
export function processMark(): string {
  return `${machineMark()}-${process.pid}`
}

/** Whether the process of such a mark ran here, and is gone. Of other machines nobody knows. */
export function isGone(mark: string): boolean {
  const [, machine, pid] = /^([0-9a-f]{8})-(\d+)$/.exec(mark) ?? []
  return machine === machineMark() && !isAlive(Number(pid))
}

let machine: string | undefined

/** Eight hexadecimal digits. */
function machineMark(): string {
  machine ??= crc32(`${hostname()} ${processIds()}`).toString(16).padStart(8, '0')
  return machine
}

function processIds(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return '' // no Linux
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
