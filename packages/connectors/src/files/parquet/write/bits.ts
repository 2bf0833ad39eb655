/** Bit packing of Parquet, least significant bit first, as one run of the RLE / bit-packing hybrid. */

/** The run's header and the values, `width` bits each, 0 to 24. */
export function packedRun(values: Int32Array, from: number, to: number, width: number): Uint8Array {
  const count = to - from
  if (width === 0) return varint(count * 2) // a run of one value, of no bits
  const groups = (count + 7) >>> 3
  const header = varint(groups * 2 + 1)
  const bytes = new Uint8Array(header.length + groups * width)
  bytes.set(header)
  let at = header.length
  let pending = 0
  let bits = 0
  for (let i = from; i < to; i++) {
    pending |= values[i]! << bits
    bits += width
    for (; bits >= 8; bits -= 8) {
      bytes[at++] = pending
      pending >>>= 8
    }
  }
  if (bits > 0) bytes[at] = pending
  return bytes
}

/** How many bits a code below `size` needs. */
export function codeWidth(size: number): number {
  return size <= 1 ? 0 : 32 - Math.clz32(size - 1)
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80)
  bytes.push(rest)
  return Uint8Array.from(bytes)
}
