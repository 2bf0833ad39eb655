/**
 * Where the module is that a worker thread starts with.
 *
 * In the published package it lies beside the chunk that this file is part of; in the workspace among the built files,
 * also when the engine itself runs from its sources, since Node 20 loads no TypeScript.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { MillraceError } from '@millrace/plan'

const inWorkspace = /\/(src|dist)\/job-module\/thread-entry\.[jt]s$/

export function threadEntry(self = import.meta.url): URL {
  const url = new URL(inWorkspace.test(self) ? '../../dist/cluster/thread.js' : './thread.js', self)
  if (!existsSync(url))
    throw new MillraceError('UNSUPPORTED', `missing file: ${fileURLToPath(url)}`, {
      hint: 'Worker threads start with it. If a bundler took millrace into your program, leave the package outside (external).',
    })
  return url
}
