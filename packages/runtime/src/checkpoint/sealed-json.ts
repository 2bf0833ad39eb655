/** A small file: a line of JSON, then a line with the CRC-32 of the first, line feed included. UTF-8. */
import { Checksum } from './checksum.ts'
import { damagedFile } from './damage.ts'

/** Bytes of the second line. */
const SEAL_BYTES = 'crc32 01234567\n'.length

export function sealed(value: unknown): Uint8Array {
  const line = Buffer.from(`${JSON.stringify(value)}\n`)
  return Buffer.concat([line, Buffer.from(`crc32 ${Checksum.of(line)}\n`)])
}

/** Throws CHECKPOINT_DAMAGED if it is not as it was written. */
export function readSealed(bytes: Uint8Array, path: string): unknown {
  const end = Math.max(0, bytes.length - SEAL_BYTES)
  const line = bytes.subarray(0, end)
  const seal = Buffer.from(bytes.buffer, bytes.byteOffset + end, bytes.length - end).toString('latin1')
  if (seal !== `crc32 ${Checksum.of(line)}\n`) throw damagedFile(path, 'its checksum is wrong')
  try {
    return JSON.parse(DECODER.decode(line))
  } catch (error) {
    throw damagedFile(path, (error as Error).message, error)
  }
}

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
