/** One process of a job with checkpoints, killed by SIGKILL at some moment unless it ends before. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'

/** When it is to die: by its own hand, after so many reads or operations on files; or after so long. */
export interface Death {
  readonly after: 'reads' | 'files' | 'time'
  readonly count: number
  /** Milliseconds more; of `time` all there are. */
  readonly delayMs: number
}

/** What it was about when it was killed. */
export type Stage = 'starting' | 'recovering' | 'running'

export interface Ended {
  readonly killed: boolean
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly stage: Stage
  /** A file of a checkpoint was half written. */
  readonly writing: boolean
}

export interface ProcessOptions {
  readonly command: readonly string[]
  readonly cwd: string
  readonly checkpoints: string
  readonly death?: Death | undefined
  readonly env?: NodeJS.ProcessEnv
  /** Told of the process, so that it can be ended with those who started it. */
  readonly started?: (child: ChildProcess) => void
}

export function runProcess({ command, cwd, checkpoints, death, env, started }: ProcessOptions): Promise<Ended> {
  const before = namesUnder(checkpoints)
  const child = spawn(process.execPath, command, {
    cwd,
    env: { ...process.env, ...env, CHECKPOINTS: checkpoints, TELL_FD: '3', ...warrant(death) },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  started?.(child)
  const texts = [1, 2, 3].map(fd => textOf(child, fd))
  const timer = death?.after === 'time' ? setTimeout(() => child.kill('SIGKILL'), death.delayMs) : undefined
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      const [stdout, stderr, told] = texts.map(text => text())
      const recovers = [...before].some(name => name.endsWith('/manifest'))
      const isNew = (name: string): boolean => !before.has(name)
      resolve({
        killed: signal === 'SIGKILL',
        code,
        stdout,
        stderr,
        stage: told !== '' ? 'running' : recovers ? 'recovering' : 'starting',
        writing: [...namesUnder(checkpoints)].some(name => name.includes('.staged-') && isNew(name)),
      })
    })
  })
}

function warrant(death: Death | undefined): NodeJS.ProcessEnv {
  if (death === undefined || death.after === 'time') return {}
  const name = death.after === 'reads' ? 'KILL_AFTER_READS' : 'KILL_AFTER_FILES'
  return { [name]: `${death.count}`, KILL_AFTER_MS: `${death.delayMs}` }
}

function textOf(child: ChildProcess, fd: number): () => string {
  let text = ''
  const stream = child.stdio[fd] as NodeJS.ReadableStream
  stream.setEncoding('utf8').on('data', data => {
    text += data
  })
  return () => text
}

function namesUnder(folder: string): Set<string> {
  if (!existsSync(folder)) return new Set()
  return new Set(readdirSync(folder, { recursive: true }) as string[])
}
