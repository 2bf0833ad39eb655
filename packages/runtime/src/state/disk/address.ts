/**
 * Addresses of rows: places in a file, counted from 1 in units of 16 bytes, so that 31 bits of them are 32 GiB. Files are
 * larger than 32 bits of bytes: no bit operations here.
 */

/** Bytes; places are multiples of it. */
export const UNIT = 16

export function addressOf(place: number): number {
  return place / UNIT + 1
}

export function placeOf(address: number): number {
  return (address - 1) * UNIT
}
