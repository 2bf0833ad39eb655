import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { namesIn, ScratchFolder } from '@millrace/testing/contracts'
import { describe, expect, it } from 'vitest'
import { discardStaged } from './discard.ts'

const scratch = new ScratchFolder()
const endings = ['.txt', '.txt.gz']

/** A folder with empty files of these names. */
function folderOf(names: readonly string[]): string {
  const folder = scratch.fresh('folder')
  mkdirSync(folder)
  for (const name of names) writeFileSync(`${folder}/${name}`, '')
  return folder
}

describe('what lost writers of a job have left', () => {
  const kept = [
    '.a.txt.part-k-1',
    '.a.txty',
    'xa.txt.part-j-1',
    '.b.txt.part-j-1',
    'a.txt',
    'a.txt.part-j-1',
    'part-j-1',
  ].sort()

  it('is removed beside a file', async () => {
    const folder = folderOf([...kept, '.a.txt.part-j-1', '.a.txt.part-j-22'])
    await discardStaged(`${folder}/a.txt`, endings, 'j')
    expect(namesIn(folder)).toEqual(kept)
  })
  it('is removed beside a file of any name', async () => {
    const folder = folderOf(['..part-j-1', '.x.part-j-1', '.x.part-j-0.part-j-1'])
    await discardStaged(`${folder}/x`, endings, 'j')
    expect(namesIn(folder)).toEqual(['..part-j-1', '.x.part-j-0.part-j-1'])
    await discardStaged(`${folder}/x.part-j-0`, endings, 'j')
    expect(namesIn(folder)).toEqual(['..part-j-1'])
  })
  it('is removed in a folder, if it was to be a part', async () => {
    const others = [
      ...kept,
      '.part-0.csv.part-j-1',
      '.part-0.txt.part-k-1',
      '.xpart-0.txt.part-j-1',
      'part-0.txt',
    ].sort()
    for (const end of ['', '/']) {
      const folder = folderOf([...others, '.part-0.txt.part-j-1', '.part-12-3.txt.gz.part-j-2'])
      await discardStaged(`${folder}${end}`, endings, 'j')
      expect(namesIn(folder)).toEqual(others)
    }
  })
  it('is nothing where no writer came so far', async () => {
    const folder = `${dirname(scratch.fresh('none'))}/missing`
    await discardStaged(`${folder}/deep/`, endings, 'j')
    await discardStaged(`${folder}/a.txt`, endings, 'j')
    expect(namesIn(dirname(folder))).toEqual([])
  })
})
