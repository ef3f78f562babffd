// Reading one directory (IFD) of the TIFF structure, which TIFF files and EXIF blocks share (TIFF 6.0, section 2).

/** A tag that holds a whole number. */
export interface TiffTag {
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
  const littleEndian = isLittleEndian(view);
  const tags = new Map<number, TiffTag>();
  if (littleEndian === undefined || view.getUint16(2, littleEndian) !== 42) return tags;
  const start = offset ?? view.getUint32(4, littleEndian);
  if (start + 2 > view.byteLength) return tags;
  const end = Math.min(start + 2 + view.getUint16(start, littleEndian) * 12, view.byteLength - 11);
  for (let entry = start + 2; entry < end; entry += 12)
    tags.set(view.getUint16(entry, littleEndian), readEntry(view, entry, littleEndian));
  return tags;
}

/** Writes a SHORT (0 to 65535) over the value of a tag, in the block's own byte order. */
export function writeShort(block: Uint8Array, tag: TiffTag, value: number): void {
  const view = viewOf(block);
  view.setUint16(tag.at, value, isLittleEndian(view));
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
