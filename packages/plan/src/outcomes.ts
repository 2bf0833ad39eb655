/**
 * What kind of collection each operation gives: the one table that the planner computes with and that the types of
 * the public API are `typeof` of. Read `outcomes[operation][left][right]`.
 *
 * An operation over updates gives updates, unless its results leave only when the watermark has settled them. Over
 * data that only grows, the result only grows where the operation is monotone in that side; where it is not (a left
 * row of `left`, `minus` or `anti` is settled when the right has *ended*) the result has to take rows back.
 */

/** Monotone in both sides. */
const grows = {
  bounded: { bounded: 'bounded', appending: 'appending', updating: 'updating' },
  appending: { bounded: 'appending', appending: 'appending', updating: 'updating' },
  updating: { bounded: 'updating', appending: 'updating', updating: 'updating' },
} as const

/** A left row is settled when the right has ended. */
const needsRight = {
  bounded: { bounded: 'bounded', appending: 'updating', updating: 'updating' },
  appending: { bounded: 'appending', appending: 'updating', updating: 'updating' },
  updating: { bounded: 'updating', appending: 'updating', updating: 'updating' },
} as const

const needsLeft = {
  bounded: { bounded: 'bounded', appending: 'appending', updating: 'updating' },
  appending: { bounded: 'updating', appending: 'updating', updating: 'updating' },
  updating: { bounded: 'updating', appending: 'updating', updating: 'updating' },
} as const

const needsBoth = {
  bounded: { bounded: 'bounded', appending: 'updating', updating: 'updating' },
  appending: { bounded: 'updating', appending: 'updating', updating: 'updating' },
  updating: { bounded: 'updating', appending: 'updating', updating: 'updating' },
} as const

/** Results leave when the watermark settles them. */
const settles = {
  bounded: { bounded: 'bounded', appending: 'appending', updating: 'appending' },
  appending: { bounded: 'appending', appending: 'appending', updating: 'appending' },
  updating: { bounded: 'appending', appending: 'appending', updating: 'appending' },
} as const

export const outcomes = {
  union: grows,
  intersect: grows,
  minus: needsRight,
  cross: grows,
  coGroup: needsBoth,
  inner: grows,
  left: needsRight,
  right: needsLeft,
  full: needsBoth,
  semi: grows,
  anti: needsRight,
  connect: settles,
  windowed: settles,
  interval: settles,
  temporal: settles,
  apply: settles,
} as const

/** Of aggregating by key, or altogether, without a window. */
export const grouped = { bounded: 'bounded', appending: 'updating', updating: 'updating' } as const

/** Of a window, and of a user's keyed process: what has left is final. */
export const closed = { bounded: 'bounded', appending: 'appending', updating: 'appending' } as const
