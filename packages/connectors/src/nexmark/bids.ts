/** Bids: 46 of 50 events. */
import { DictionaryColumn, DoubleColumn, field, Int32Column, Schema, Utf8Column } from '@millrace/algebra'
import { fillChannels, fillExtras, fillIds, fillPrices } from './bid-draws.ts'
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
      return idColumn(making, draws.bidAuction, ids, epoch => {
        if (auctions === 0) setAuctions(ids, epoch, inFlightAuctions)
      })
    },
    bidder(making) {
      const { bidders, hotBiddersRatio, activePeople } = making.config
      const ids = new IdDraw(bidders > 0 ? 1 : hotBiddersRatio)
      if (bidders > 0) ids.set(0, firstId.person, bidders)
      return idColumn(making, draws.bidBidder, ids, epoch => {
        if (bidders === 0) setPersons(ids, epoch, activePeople, 1)
      })
    },
    price(making) {
      const values = new Int32Array(making.rows)
      const key = making.key(draws.bidPrice)
      making.fills.push((epoch, position, count, at) => fillPrices(values, at, count, epochKey(key, epoch), position))
      return new Int32Column(values)
    },
    channel: making => new DictionaryColumn(channelCodes(making), making.texts.channels.names),
    url: making => new DictionaryColumn(channelCodes(making), making.texts.channels.urls),
    dateTime(making) {
      const values = new Float64Array(making.rows)
      making.fills.push((epoch, position, count, at) =>
        fillTimes(values, at, count, epoch * perEpoch.events + FIRST + position, making.config),
      )
      return new DoubleColumn(values)
    },
    extra(making) {
      const starts = new Int32Array(making.rows)
      const lengths = new Int32Array(making.rows)
      const key = making.key(draws.bidExtra)
      making.fills.push((epoch, position, count, at) =>
        fillExtras(starts, lengths, at, count, epochKey(key, epoch), position, EXTRA.least, EXTRA.spread),
      )
      return new Utf8Column(starts, lengths, making.texts.letters)
    },
  },
}

function idColumn(making: Making, stream: number, ids: IdDraw, enter: (epoch: number) => void): Int32Column {
  const values = new Int32Array(making.rows)
  const key = making.key(stream)
  making.fills.push((epoch, position, count, at) => {
    enter(epoch)
    fillIds(values, at, count, epochKey(key, epoch), position, ids)
  })
  return new Int32Column(values)
}

function channelCodes(making: Making): Int32Array {
  return making.shared('channelCodes', () => {
    const codes = new Int32Array(making.rows)
    const key = making.key(draws.bidChannel)
    making.fills.push((epoch, position, count, at) => fillChannels(codes, at, count, epochKey(key, epoch), position))
    return codes
  })
}
