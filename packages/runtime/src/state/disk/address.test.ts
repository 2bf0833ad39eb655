import { expect, test } from 'vitest'
import { addressOf, placeOf } from './address.ts'

test('every place up to 32 GiB has an address of 31 bits, which says where it is', () => {
  for (const place of [0, 16, 2 ** 20, 2 ** 31, 2 ** 32 - 16, 2 ** 32, 2 ** 32 + 16, 2 ** 34, 2 ** 35 - 32]) {
    const address = addressOf(place)
    expect(Int32Array.of(address)[0]).toBe(address)
    expect(address).toBeGreaterThan(0)
    expect(placeOf(address)).toBe(place)
  }
})
