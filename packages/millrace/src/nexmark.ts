/** The Nexmark benchmark's data: bids, auctions and persons of an online auction, made up as they are asked for. */
export { type Auction, auctions, type Bid, bids, type NexmarkOptions, type Person, persons } from '@millrace/connectors'
