import { storageContract } from '@millrace/testing/contracts'
import { describe, expect, test } from 'vitest'
import type { CheckpointStorage } from '../checkpoint/storage.ts'
import { SimulatedHost } from '../host/simulated.ts'
import { type DiskOptions, SimulatedDisk } from './simulated-disk.ts'
import { SimulatedStorage } from './simulated-storage.ts'

/** Lets time pass until the promise has settled. */
async function during<T>(host: SimulatedHost, promise: Promise<T>): Promise<T> {
  let settled = false
  const settle = (): void => {
    settled = true
  }
  promise.then(settle, settle)
  for (let i = 0; !settled && i < 10_000; i++) {
    await new Promise(resolve => setImmediate(resolve))
    host.advance(1)
  }
  return promise
}

function driven(disk: SimulatedDisk, host: SimulatedHost): CheckpointStorage {
  const storage = new SimulatedStorage(disk, host)
  return {
    label: storage.label,
    write: (path, chunks) => during(host, storage.write(path, chunks)),
    create: (path, bytes) => during(host, storage.create(path, bytes)),
    read: path => during(host, storage.read(path)),
    async *pieces(path) {
      const bytes = await during(host, storage.read(path))
      if (bytes !== undefined) yield bytes
    },
    digest: path => during(host, storage.digest(path)),
    list: prefix => during(host, storage.list(prefix)),
    delete: path => during(host, storage.delete(path)),
  }
}

storageContract('a simulated disk', {
  target: () => {
    const host = new SimulatedHost(1)
    const disk = new SimulatedDisk({ listedLateMs: 100 })
    const listed = async (): Promise<void> => host.advance(100)
    return { storage: driven(disk, host), another: () => driven(disk, host), listed }
  },
})

const content = new Uint8Array(100).fill(7)

/** What is left of a file in each of many worlds: by how many bytes are there, and whether they are right. */
async function leftOver(options: DiskOptions, act: (storage: SimulatedStorage, host: SimulatedHost) => Promise<void>) {
  const seen = new Set<string>()
  for (let seed = 0; seed < 100; seed++) {
    const host = new SimulatedHost(seed)
    const disk = new SimulatedDisk(options)
    await act(new SimulatedStorage(disk, host), host)
    const bytes = disk.get('a')
    const right = bytes?.every(byte => byte === 7) ? 'right' : 'wrong'
    seen.add(bytes === undefined ? 'none' : `${bytes.length === 100 ? 'whole' : 'part'} ${right}`)
  }
  return [...seen].sort()
}

const everything = ['none', 'part right', 'part wrong', 'whole right', 'whole wrong']

describe('a crash', () => {
  const crashAt = (stepMs: number, begin: (storage: SimulatedStorage) => Promise<unknown>) =>
    leftOver({}, async (storage, host) => {
      void begin(storage)
      for (let ms = 0; ms < stepMs; ms++) {
        await new Promise(resolve => setImmediate(resolve))
        host.advance(1)
      }
      storage.crash()
    })
  test('leaves of a file that was being written anything', async () => {
    expect(await crashAt(3, storage => storage.write('a', [content]))).toEqual(everything)
  })
  test('leaves of one that was being created all or nothing', async () => {
    expect(await crashAt(3, storage => storage.create('a', content))).toEqual(['none', 'whole right'])
  })
  test('leaves what was resolved', async () => {
    expect(await crashAt(50, storage => storage.write('a', [content]))).toEqual(['whole right'])
    expect(await crashAt(50, storage => storage.create('a', content))).toEqual(['whole right'])
  })
  test('is the end of whatever was asked for', async () => {
    const host = new SimulatedHost(1)
    const storage = new SimulatedStorage(new SimulatedDisk(), host)
    let answered = false
    void storage.read('a').then(() => (answered = true))
    storage.crash()
    host.advance(100)
    await new Promise(resolve => setImmediate(resolve))
    expect(answered).toBe(false)
  })
})

describe('a failing write', () => {
  test('leaves anything; a failing create all or nothing', async () => {
    const fails = async (host: SimulatedHost, promise: Promise<unknown>): Promise<void> => {
      await expect(during(host, promise)).rejects.toThrow('the disk does not answer')
    }
    expect(await leftOver({ failing: 1 }, (storage, host) => fails(host, storage.write('a', [content])))).toEqual(
      everything,
    )
    expect(await leftOver({ failing: 1 }, (storage, host) => fails(host, storage.create('a', content)))).toEqual([
      'none',
      'whole right',
    ])
  })
  test('on a full disk leaves nothing, until something is deleted', async () => {
    const host = new SimulatedHost(1)
    const storage = driven(new SimulatedDisk({ capacityBytes: 150 }), host)
    await storage.write('a', [content])
    await expect(storage.write('b', [content])).rejects.toThrow('no space left')
    expect(await storage.read('b')).toBeUndefined()
    await storage.delete('a')
    await storage.write('b', [content])
  })
})

test('reads may fail, and a broken disk keeps what it was not given', async () => {
  const host = new SimulatedHost(1)
  await expect(driven(new SimulatedDisk({ failingReads: 1 }), host).read('a')).rejects.toThrow('does not answer')
  const storage = driven(new SimulatedDisk({ wrong: 1 }), host)
  const file = await storage.write('a', [content])
  expect(await storage.digest('a')).not.toEqual(file)
})

test('a file is listed late, and read at once', async () => {
  const host = new SimulatedHost(2)
  const disk = new SimulatedDisk({ listedLateMs: 1e6, delayMs: 1 })
  const storage = driven(disk, host)
  await storage.write('a', [content])
  expect(await storage.list('')).toEqual([])
  expect(await storage.read('a')).toBeDefined()
  host.advance(1e6)
  expect(await storage.list('')).toEqual(['a'])
})

test('a seed has one course', async () => {
  const course = async (seed: number): Promise<unknown> => {
    const host = new SimulatedHost(seed)
    const disk = new SimulatedDisk({ failing: 0.3, wrong: 0.2 })
    const storage = driven(disk, host)
    for (let i = 0; i < 20; i++) await storage.write(`${i}`, [content]).catch(() => {})
    return [host.now(), [...disk.files]]
  }
  expect(await course(5)).toEqual(await course(5))
  expect(await course(5)).not.toEqual(await course(6))
})
