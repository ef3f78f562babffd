// Reading one directory (IFD) of the TIFF structure, which TIFF files and EXIF blocks share (TIFF 6.0, section 2).

/** A tag that holds a whole number. */
interface TiffTag {
  /** Where the value stands in the block, in bytes. */
  at: number;
  /** The first value, read as SHORT or LONG by the tag's own type; 0 for other types. */
  value: number;
}

const SHORT = 3;
const LONG = 4;
const IFD = 13;

/**
 * The tags of the directory at `offset` (default: the first one) by their number. Empty where the block is no classic
 * TIFF structure or is cut off: whoever asks treats a broken directory as an absent one.
 */
export function tiffTags(block: Uint8Array, offset?: number): Map<number, TiffTag> {
  const view = viewOf(block);
  const tags = new Map<number, TiffTag>();
  const directory = findDirectory(view, offset);
  if (directory === undefined) return tags;
  const { littleEndian } = directory;
  const end = Math.min(directory.end, view.byteLength - 11);
  for (let entry = directory.start; entry < end; entry += 12)
    tags.set(view.getUint16(entry, littleEndian), readEntry(view, entry, littleEndian));
  return tags;
}

/** Makes the first directory the last one; the offset of the one that came next, 0 where there was none. */
export function endDirectories(block: Uint8Array): number {
  const view = viewOf(block);
  const { littleEndian, end } = findDirectory(view) ?? { end: view.byteLength };
  if (end + 4 > view.byteLength) return 0;
  const next = view.getUint32(end, littleEndian);
  view.setUint32(end, 0);
  return next;
}

/** Writes a SHORT (0 to 65535) over the value of a tag, in the block's own byte order. */
export function writeShort(block: Uint8Array, tag: TiffTag, value: number): void {
  const view = viewOf(block);
  view.setUint16(tag.at, value, isLittleEndian(view));
}

interface Directory {
  littleEndian: boolean;
  /** From the first entry up to the offset of the next directory; may lie beyond the block. */
  start: number;
  end: number;
}

function findDirectory(view: DataView, offset?: number): Directory | undefined {
  const littleEndian = isLittleEndian(view);
  if (littleEndian === undefined || view.getUint16(2, littleEndian) !== 42) return undefined;
  const start = (offset ?? view.getUint32(4, littleEndian)) + 2;
  if (start > view.byteLength) return undefined;
  return { littleEndian, start, end: start + view.getUint16(start - 2, littleEndian) * 12 };
}

function readEntry(view: DataView, entry: number, littleEndian: boolean): TiffTag {
  const type = view.getUint16(entry + 2, littleEndian);
  const at = entry + 8;
  if (type === SHORT) return { at, value: view.getUint16(at, littleEndian) };
  return { at, value: type === LONG || type === IFD ? view.getUint32(at, littleEndian) : 0 };
}

function isLittleEndian(view: DataView): boolean | undefined {
  const order = view.byteLength < 8 ? 0 : view.getUint16(0);
  return order === 0x4949 ? true : order === 0x4d4d ? false : undefined;
}

function viewOf(block: Uint8Array): DataView {
  return new DataView(block.buffer, block.byteOffset, block.byteLength);
}
