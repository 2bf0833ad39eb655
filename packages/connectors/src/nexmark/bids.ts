/** Bids: 46 of 50 events. */
import { DictionaryColumn, DoubleColumn, field, Int32Column, Schema, Utf8Column } from '@millrace/algebra'
import { fillChannels, fillExtras, fillIds, fillPrices } from './bid-draws.ts'
import { vectorColumn } from './bid-vectors.ts'
import { draws, epochKey } from './draw.ts'
import type { EventKind, Making } from './event-kind.ts'
import { extraSize } from './extra.ts'
import { IdDraw, setAuctions, setPersons } from './ids.ts'
import { averageBytes, firstId, perEpoch } from './specification.ts'
import { fillTimes } from './time.ts'

const FIRST = perEpoch.persons + perEpoch.auctions
/** Beside its four numbers, of eight bytes each. */
const EXTRA = extraSize(32, averageBytes.bid)

export const bidKind: EventKind = {
  name: 'bids',
  schema: Schema.record([
    field('auction', 'int32'),
    field('bidder', 'int32'),
    field('price', 'int32'),
    field('channel', 'text'),
    field('url', 'text'),
    field('dateTime', 'timestamp'),
    field('extra', 'text'),
  ]),
  first: FIRST,
  count: perEpoch.bids,
  columns: {
    auction(making) {
      const { auctions, hotAuctionRatio, inFlightAuctions } = making.config
      const ids = new IdDraw(auctions > 0 ? 1 : hotAuctionRatio)
      if (auctions > 0) ids.set(0, firstId.auction, auctions)
      return idColumn(making, 'auction', ids, epoch => {
        if (auctions === 0) setAuctions(ids, epoch, inFlightAuctions)
      })
    },
    bidder(making) {
      const { bidders, hotBiddersRatio, activePeople } = making.config
      const ids = new IdDraw(bidders > 0 ? 1 : hotBiddersRatio)
      if (bidders > 0) ids.set(0, firstId.person, bidders)
      return idColumn(making, 'bidder', ids, epoch => {
        if (bidders === 0) setPersons(ids, epoch, activePeople, 1)
      })
    },
    price(making) {
      const values = new Int32Array(making.rows)
      const key = making.key(draws.bidPrice)
      const vectors = vectorColumn('fillPrices', making.rows)
      making.fills.push((epoch, position, count, at) =>
        vectors === undefined
          ? fillPrices(values, at, count, epochKey(key, epoch), position)
          : vectors.prices(at, count, epochKey(key, epoch), position),
      )
      if (vectors !== undefined) making.finishes.push(() => vectors.make(values))
      return new Int32Column(values)
    },
    channel: making => new DictionaryColumn(channelCodes(making), making.texts.channels.names),
    url: making => new DictionaryColumn(channelCodes(making), making.texts.channels.urls),
    dateTime(making) {
      const values = new Float64Array(making.rows)
      const vectors = vectorColumn('fillTimes', making.rows)
      making.fills.push((epoch, position, count, at) => {
        const event = epoch * perEpoch.events + FIRST + position
        if (vectors === undefined) fillTimes(values, at, count, event, making.config)
        else vectors.times(at, count, event, making.config)
      })
      if (vectors !== undefined) making.finishes.push(() => vectors.make(values))
      return new DoubleColumn(values)
    },
    extra(making) {
      const starts = new Int32Array(making.rows)
      const lengths = new Int32Array(making.rows)
      const key = making.key(draws.bidExtra)
      const vectors = vectorColumn('fillExtras', making.rows)
      const { least, spread } = EXTRA
      making.fills.push((epoch, position, count, at) =>
        vectors === undefined
          ? fillExtras(starts, lengths, at, count, epochKey(key, epoch), position, least, spread)
          : vectors.extras(at, count, epochKey(key, epoch), position, least, spread),
      )
      if (vectors !== undefined) making.finishes.push(() => vectors.make(starts, lengths))
      return new Utf8Column(starts, lengths, making.texts.letters)
    },
  },
}

function idColumn(
  making: Making,
  name: 'auction' | 'bidder',
  ids: IdDraw,
  enter: (epoch: number) => void,
): Int32Column {
  const values = new Int32Array(making.rows)
  const key = making.key(name === 'auction' ? draws.bidAuction : draws.bidBidder)
  const vectors = vectorColumn('fillIds', making.rows)
  making.fills.push((epoch, position, count, at) => {
    enter(epoch)
    if (vectors === undefined) fillIds(values, at, count, epochKey(key, epoch), position, ids)
    else vectors.ids(at, count, epochKey(key, epoch), position, ids)
  })
  if (vectors !== undefined) making.finishes.push(() => vectors.make(values))
  return new Int32Column(values)
}

function channelCodes(making: Making): Int32Array {
  return making.shared('channelCodes', () => {
    const codes = new Int32Array(making.rows)
    const key = making.key(draws.bidChannel)
    const vectors = vectorColumn('fillChannels', making.rows)
    making.fills.push((epoch, position, count, at) =>
      vectors === undefined
        ? fillChannels(codes, at, count, epochKey(key, epoch), position)
        : vectors.prices(at, count, epochKey(key, epoch), position),
    )
    if (vectors !== undefined) making.finishes.push(() => vectors.make(codes))
    return codes
  })
}
