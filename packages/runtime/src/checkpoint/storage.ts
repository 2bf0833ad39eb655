/**
 * The contract of checkpoint storage: a folder, a bucket, or a simulated disk that fails as real ones do.
 *
 * Files are written once, whole, and never changed. A path is relative, of segments of letters, digits, `.`, `-` and `_`
 * between slashes, none of which begins with a dot (`isStoragePath`). What `write` or `create` has resolved for survives the loss of power; what it has not resolved for may
 * be there, in part or not at all. Everything that fails rejects with a MillraceError of kind `io` or `resource` that names
 * the file and says what to do.
 */

/** A file as it was written. */
export interface StoredFile {
  readonly path: string
  readonly bytes: number
  /** CRC-32 of its bytes, as eight hexadecimal digits. */
  readonly checksum: string
}

export interface CheckpointStorage {
  /** Where it is, for messages. */
  readonly label: string
  /**
   * Writes a file that is not there yet; rejects if it is. A chunk is the storage's until it has resolved, or has released it
   * before.
   */
  write(
    path: string,
    chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    release?: (chunk: Uint8Array) => void,
  ): Promise<StoredFile>
  /** Puts a small file in place, whole or not at all; false, and nothing is changed, if there is one of that name. */
  create(path: string, bytes: Uint8Array): Promise<boolean>
  /** All of a file; undefined if there is none of that name. */
  read(path: string): Promise<Uint8Array | undefined>
  /** The same in pieces of a few MiB, each valid until the next; none if there is no file of that name. */
  pieces(path: string): AsyncIterable<Uint8Array>
  /** What is there now, read anew and in pieces: not more of it is in memory at a time. */
  digest(path: string): Promise<StoredFile | undefined>
  /** Paths that begin with `prefix`, in order. What was written a moment ago may not be among them yet. */
  list(prefix: string): Promise<readonly string[]>
  /** Nothing happens if it is not there. */
  delete(path: string): Promise<void>
}
