/** What is published of the generator's output, over events enough that a wrong rule stands out. */
import type { Source } from '@millrace/runtime'
import { readSource } from '@millrace/testing/contracts'
import { describe, expect, it } from 'vitest'
import type { Auction, Bid, Person } from './rows.ts'
import { auctions, bids, persons } from './source.ts'

const events = 100_000
const of = async <T>(source: Source<T>) => (await readSource(source)).rows as T[]
const made = { bids: of(bids({ events })), auctions: of(auctions({ events })), persons: of(persons({ events })) }

function share<T>(rows: readonly T[], holds: (row: T, index: number) => boolean): number {
  return rows.filter(holds).length / rows.length
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** The bytes of an event, a number counting as eight and the time of a bid, person or auction as nothing, as published. */
function bytes(row: Bid | Auction | Person, uncounted: readonly string[]): number {
  return Object.entries(row).reduce((sum, [name, value]) => {
    if (uncounted.includes(name)) return sum
    return sum + (typeof value === 'string' ? value.length : 8)
  }, 0)
}

describe('proportions and sizes', () => {
  it('1 person, 3 auctions, 46 bids', async () => {
    expect((await made.persons).length).toBe(events / 50)
    expect((await made.auctions).length).toBe((events / 50) * 3)
    expect((await made.bids).length).toBe((events / 50) * 46)
  })
  it('average sizes of 100, 500 and 200 bytes', async () => {
    expect(mean((await made.bids).map(bid => bytes(bid, ['channel', 'url'])))).toBeCloseTo(100, -0.5)
    expect(mean((await made.auctions).map(auction => bytes(auction, ['dateTime'])))).toBeCloseTo(500, -1)
    expect(mean((await made.persons).map(person => bytes(person, ['dateTime'])))).toBeCloseTo(200, -0.5)
  })
  it('extras of all lengths within a fifth of the average', async () => {
    const lengths = new Set((await made.bids).map(bid => bid.extra.length))
    expect([...lengths].sort((a, b) => a - b)).toEqual(Array.from({ length: 28 }, (_, i) => 54 + i))
  })
})

describe('hot keys', () => {
  it('every other bid is on the first auction of the current hundred', async () => {
    const hot = (_: Bid, i: number) => {
      const last = Math.floor(i / 46) * 3 + 2
      return 1000 + Math.floor(last / 100) * 100
    }
    expect(share(await made.bids, (bid, i) => bid.auction === hot(bid, i))).toBeCloseTo(0.5, 1)
  })
  it('three of four bids are by the second person of the current hundred', async () => {
    const hot = (i: number) => 1001 + Math.floor(Math.floor(i / 46) / 100) * 100
    expect(share(await made.bids, (bid, i) => bid.bidder === hot(i))).toBeCloseTo(0.75, 1)
  })
  it('three of four auctions are by the first person of the current hundred', async () => {
    const hot = (i: number) => 1000 + Math.floor(Math.floor(i / 3) / 100) * 100
    expect(share(await made.auctions, (auction, i) => auction.seller === hot(i))).toBeCloseTo(0.75, 1)
  })
  it('half the bids come through four channels, the others through thousands', async () => {
    const hot = ['Google', 'Facebook', 'Baidu', 'Apple']
    for (const channel of hot) expect(share(await made.bids, bid => bid.channel === channel)).toBeCloseTo(1 / 8, 1.5)
    const others = new Set((await made.bids).map(bid => bid.channel).filter(channel => !hot.includes(channel)))
    expect(others.size).toBeGreaterThan(9_800)
  })
  it('a channel has one url', async () => {
    const urls = new Map((await made.bids).map(bid => [bid.channel, bid.url]))
    expect((await made.bids).every(bid => urls.get(bid.channel) === bid.url)).toBe(true)
    expect(new Set(urls.values()).size).toBe(urls.size)
  })
})

describe('ranges', () => {
  it('bids name auctions and persons that exist, or will in a moment', async () => {
    const newest = await made.bids
    expect(newest.every((bid, i) => bid.auction >= 1000 && bid.auction <= 1000 + Math.floor(i / 46) * 3 + 2 + 10)).toBe(
      true,
    )
    expect(newest.every((bid, i) => bid.bidder >= 1000 && bid.bidder <= 1000 + Math.floor(i / 46) + 1 + 10)).toBe(true)
    expect(newest.some((bid, i) => bid.bidder > 1000 + Math.floor(i / 46))).toBe(true)
  })
  it('prices are spread evenly over six powers of ten', async () => {
    const prices = (await made.bids).map(bid => bid.price)
    for (let power = 2; power < 8; power++)
      expect(share(prices, price => price >= 10 ** power && price < 10 ** (power + 1))).toBeCloseTo(1 / 6, 1.5)
    expect(share(prices, price => price >= 100 && price < 10 ** 8)).toBe(1)
  })
  it('a reserve is above the initial bid, an end after the beginning', async () => {
    expect((await made.auctions).every(a => a.reserve >= a.initialBid + 100 && a.expires > a.dateTime)).toBe(true)
  })
  it('as many auctions are open at a time as wanted', async () => {
    const lengths = (await made.auctions).map(auction => auction.expires - auction.dateTime)
    expect(mean(lengths) / (100 / 3 / 200) / 1000).toBeCloseTo(1, 1)
  })
  it('times are those of the rate, never going back', async () => {
    const times = (await made.bids).map(bid => bid.dateTime)
    expect(times.every((time, i) => i === 0 || time >= times[i - 1]!)).toBe(true)
    expect(times.at(-1)! - times[0]!).toBe(9_999)
  })
  it('hot ratios of one leave no hot key', async () => {
    const even = await of(
      bids({ events: 50_000, hotAuctionRatio: 1, hotBiddersRatio: 1, bidders: 1000, auctions: 500 }),
    )
    for (const column of ['auction', 'bidder'] as const) {
      const counts = new Map<number, number>()
      for (const bid of even) counts.set(bid[column], (counts.get(bid[column]) ?? 0) + 1)
      expect(counts.size).toBe(column === 'auction' ? 500 : 1000)
      expect(Math.max(...counts.values())).toBeLessThan((4 * even.length) / counts.size)
    }
  })
})
