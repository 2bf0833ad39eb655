/** The numbers of `docs/formats/keys.md`, version 1. They outlive releases: change none, add new ones. */

/** Recorded by every format that holds key encodings or is cut by key hashes. */
export const KEY_FORMAT_VERSION = 1

/** First byte of an atom's encoding and seed of its hash; bytewise order of tags is the order of the types. */
export const tag = {
  boolean: 0x10,
  number: 0x20,
  bigint: 0x30,
  text: 0x40,
  /** Seeds the hash of a composite key; in encodings of this version it does not occur. */
  tuple: 0x50,
  null: 0xe0,
} as const

/** Key groups: the unit of rehash, rescale and snapshot. A power of two: the group is the hash's top bits. */
export const KEY_GROUPS = 128

/** The key group of a hash: `hash >>> GROUP_SHIFT`. */
export const GROUP_SHIFT = 25

/** Widest magnitude of a bigint key in bytes: what the length byte of its encoding can say. */
export const MAX_BIGINT_BYTES = 127
