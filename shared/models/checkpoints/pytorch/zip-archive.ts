// The entries of a zip archive by their names. What is stored as it is, is read in place; what is compressed is unpacked whole.

import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl';
import { NigaoeError } from '../../../errors.js';
import { type ByteSource, bytesInMemory, corrupt } from '../bytes.js';
import type { Place } from '../numbers.js';
import { type StorageBytes, windowOf } from './storage-bytes.js';

/** One file of the archive. */
export interface ArchiveEntry {
  /** In bytes, unpacked. */
  readonly size: number;
  /**
   * Finds its bytes. What is opened is checked against the archive's checksum when it has been read from the first byte to
   * the last. Throws `model-corrupt` where the archive ends before them.
   */
  locate(): Promise<StorageBytes>;
}

/** By name, in the order of the archive. */
export type Archive = ReadonlyMap<string, ArchiveEntry>;

/** More than the tensors of the largest models. */
const MOST_ENTRIES = 200_000;
/** Compressed weights shrink by a tenth, zeros by a thousand: these bounds are for the whole archive. */
const MOST_GROWTH = 20;
const FREE_GROWTH_BYTES = 2 ** 24;
/** Of one compressed file, which is unpacked in memory. */
const MOST_UNPACKED_BYTES = 2 ** 30;

/** Opens a zip archive; closing it is closing the source. Throws `model-corrupt`, or `model-unsupported` for what no torch writes. */
export async function openArchive(source: ByteSource): Promise<Archive> {
  const archive = new Map<string, ArchiveEntry>();
  let unpackedBytes = 0;
  try {
    const zip = await fromRandomAccessReaderPromise(new SourceReader(source), source.size, {
      autoClose: false,
    });
    for await (const entry of zip.eachEntry()) {
      if (zip.entriesRead > MOST_ENTRIES)
        throw unsupported(source.name, `has more than ${MOST_ENTRIES} files`);
      unpackedBytes += entry.compressionMethod === STORED ? 0 : entry.uncompressedSize;
      if (unpackedBytes > MOST_GROWTH * source.size + FREE_GROWTH_BYTES)
        throw unsupported(source.name, `would unpack to more than ${unpackedBytes} bytes`);
      archive.set(entry.fileName, entryFrom(source, zip, entry));
    }
  } catch (error) {
    throw asDamage(source.name, error);
  }
  return archive;
}

/** Compression methods (source: PKWARE's APPNOTE, section 4.4.5). */
const STORED = 0;
const DEFLATED = 8;

function entryFrom(source: ByteSource, zip: ZipFile, entry: Entry): ArchiveEntry {
  const size = entry.uncompressedSize;
  return {
    size,
    locate: async () => {
      const isKnown = [STORED, DEFLATED].includes(entry.compressionMethod) && !entry.isEncrypted();
      if (!isKnown) throw unsupported(source.name, 'is encrypted, or compressed in a way of its own');
      if (entry.compressionMethod === DEFLATED && size > MOST_UNPACKED_BYTES)
        throw unsupported(source.name, `has a compressed file of ${size} bytes`);
      const place = { offset: await dataOffset(source.name, zip, entry), length: entry.compressedSize };
      const open = async () => checkedBytes(await bytesAt(source, place, entry), entry.crc32);
      return { size, open };
    },
  };
}

async function dataOffset(name: string, zip: ZipFile, entry: Entry): Promise<number> {
  try {
    return (await zip.readLocalFileHeaderPromise(entry, { minimal: true })).fileDataStart;
  } catch (error) {
    throw asDamage(name, error);
  }
}

async function bytesAt(source: ByteSource, place: Place, entry: Entry): Promise<ByteSource> {
  const { name } = source;
  if (entry.compressionMethod === STORED) return windowOf(source, place);
  try {
    const packed = await source.read(place.offset, place.length);
    const unpacked = await inflate(packed, { maxOutputLength: Math.max(1, entry.uncompressedSize) });
    // A plain array: slices of a Buffer would not be copies.
    const { buffer, byteOffset, length } = unpacked;
    if (length === entry.uncompressedSize)
      return bytesInMemory(name, new Uint8Array(buffer, byteOffset, length));
  } catch (error) {
    throw asDamage(name, error);
  }
  throw corrupt(name, 'a file of its archive is shorter than it says');
}
const inflate = promisify(inflateRaw) as (
  bytes: Uint8Array,
  options: { maxOutputLength: number },
) => Promise<Uint8Array>;

/** Sums up what is read from the first byte to the last without a gap; a checksum of nought says that none was taken. */
function checkedBytes(bytes: ByteSource, expectedSum: number): ByteSource {
  let [sum, next] = [0, 0];
  return {
    ...bytes,
    read: async (offset, length) => {
      const part = await bytes.read(offset, length);
      if (offset !== next) return part;
      sum = crc32(part, sum);
      next += length;
      if (next === bytes.size && length > 0 && expectedSum !== 0 && sum !== expectedSum)
        throw corrupt(bytes.name, 'a file of its archive does not have its checksum');
      return part;
    },
  };
}

/** Lets yauzl read from the source. The directory comes in small pieces: they are cut from larger ones. */
class SourceReader extends RandomAccessReader {
  readonly #source: ByteSource;
  #window = { offset: 0, bytes: new Uint8Array() };

  constructor(source: ByteSource) {
    super();
    this.#source = source;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    this.#take(position, length)
      .then((bytes) => {
        buffer.set(bytes, offset);
        callback(null);
      })
      .catch(callback);
  }

  async #take(position: number, length: number): Promise<Uint8Array> {
    const from = position - this.#window.offset;
    const isThere = from >= 0 && from + length <= this.#window.bytes.length;
    if (isThere) return this.#window.bytes.subarray(from, from + length);
    const rest = Math.max(length, Math.min(PIECE_BYTES, this.#source.size - position));
    this.#window = { offset: position, bytes: await this.#source.read(position, rest) };
    return this.#window.bytes.subarray(0, length);
  }
}
const PIECE_BYTES = 4096;

/** What a library says of a damaged archive. */
function asDamage(name: string, error: unknown): NigaoeError {
  if (error instanceof NigaoeError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return corrupt(name, `its zip archive cannot be read (${reason.slice(0, SHOWN_CHARACTERS)})`, error);
}
const SHOWN_CHARACTERS = 120;

function unsupported(name: string, what: string): NigaoeError {
  return new NigaoeError(
    'model-unsupported',
    `Expected a PyTorch checkpoint in ${name} but its archive ${what}`,
    { hint: 'Save it anew with torch.save.' },
  );
}
