import { Schema } from '@millrace/algebra'
import { openFile } from '../byte-input.ts'
import { positionOf } from '../byte-position.ts'
import { ByteReader } from '../byte-reader.ts'
import { allEndings, compressionOf, withEnding } from '../compression.ts'
import { type FileFormat, fileFormat } from '../format.ts'
import { type FilePath, pathOf } from '../location.ts'
import { checkOptions, type FileOptions, MAX_ROW_BYTES } from '../options.ts'
import { rollingOf } from '../sink/rolling.ts'
import { rowFiles } from '../sink/row-files.ts'
import { TextEncoder } from './text-encoder.ts'
import { TextParser } from './text-parser.ts'

/**
 * The lines of text files, as strings; UTF-8, lines ended by LF or CR LF (written: LF). A folder means its `.txt` files.
 *
 * @example
 * env.dataset(textLines('airports.csv')).flatMap(line => line.split(','))
 */
export function textLines(
  path: FilePath,
  options: FileOptions = {},
): FileFormat<string, string, 'bounded' | 'appending'> {
  checkOptions(options, ['compression', 'onError', 'maxRowBytes', 'rolling'])
  const { onError, maxRowBytes = MAX_ROW_BYTES } = options
  const at = pathOf(path)
  const rolling = rollingOf(at, options.rolling)
  return fileFormat({
    name: 'text',
    path: at,
    endings: allEndings('.txt'),
    schema: () => TEXT,
    prunes: false,
    onError,
    changelog: false,
    read(file, { offset }, context) {
      const position = positionOf(offset)
      const input = openFile(file, compressionOf(file, options.compression), position, context.wake)
      return new ByteReader(input, new TextParser(file, maxRowBytes, position, context), file, position)
    },
    write(context) {
      const compression = compressionOf(at, options.compression)
      const encoder = new TextEncoder(`text ${at}`, context.schema)
      const ending = withEnding('.txt', compression)
      return rowFiles({ path: at, ending, compression, rolling, format: 'text', shape: '' }, encoder, context)
    },
  })
}

const TEXT = Schema.bare('text')
