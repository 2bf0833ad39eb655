/** The rows of the Nexmark sources. Times are milliseconds since 1970, prices cents. */

export interface Person {
  id: number
  name: string
  emailAddress: string
  creditCard: string
  city: string
  state: string
  dateTime: number
  /** Random text that brings the event to its average size. */
  extra: string
}

export interface Auction {
  id: number
  itemName: string
  description: string
  initialBid: number
  reserve: number
  dateTime: number
  expires: number
  /** A person's id. */
  seller: number
  /** 10 to 14. */
  category: number
  extra: string
}

export interface Bid {
  /** An auction's id. */
  auction: number
  /** A person's id. */
  bidder: number
  price: number
  channel: string
  url: string
  dateTime: number
  extra: string
}
