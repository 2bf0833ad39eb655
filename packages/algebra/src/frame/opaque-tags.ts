/** First bytes of opaque values in frames, version 1: change none, add new ones. */
export const opaqueTag = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  /** An int32 other than -0: zigzag varint. */
  integer: 4,
  /** 8 bytes. */
  double: 5,
  /** From -2^63 to 2^63-1: 8 bytes. */
  bigint: 6,
  /** Larger ones: a sign byte, a varint of bytes, the magnitude, lowest byte first. */
  largeBigint: 7,
  string: 8,
  array: 9,
  /** A varint of keys, the keys, then as `object`: the shape gets the frame's next number. */
  newShape: 10,
  /** A varint: the number of its shape; then its values. */
  object: 11,
  date: 12,
  map: 13,
  set: 14,
  /** A byte for its type (see `TYPED_ARRAYS`), a varint of bytes, the bytes. */
  typedArray: 15,
  arrayBuffer: 16,
} as const

export const MAX_OPAQUE_BIGINT_BYTES = 1 << 20
