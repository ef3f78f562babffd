// Reads .safetensors files: the length of a JSON header, the header, and the numbers of all tensors one after another.

import { type ByteSource, corrupt } from './bytes.js';
import type { Checkpoint, StoredTensor } from './checkpoint.js';
import type { ElementType } from './elements.js';
import { isObject, parseObject } from './json-object.js';
import { opaqueTensor, type Place, shown, storedTensor } from './numbers.js';

/** Bytes of the length (little-endian uint64) that the file begins with. */
const LENGTH_BYTES = 8;
/** The format's own library takes 100 MB, which as a hostile JSON fill gigabytes; a hundred thousand tensors need 12 MB. */
const MOST_HEADER_BYTES = 2 ** 24;
const METADATA_KEY = '__metadata__';

/** The names of the format for the element types that nigaoe reads. */
const TYPES: Readonly<Record<string, ElementType>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  I32: 'int32',
  I16: 'int16',
  I8: 'int8',
  U8: 'uint8',
  BOOL: 'bool',
};

/** Whether a file begins like a .safetensors file. A header length beyond 2 ** 40 is none, it is another format. */
export function isSafetensors(head: Uint8Array): boolean {
  const opensObject = head[LENGTH_BYTES] === '{'.charCodeAt(0);
  return opensObject && head.subarray(5, LENGTH_BYTES).every((byte) => byte === 0);
}

/** Opens a .safetensors file, which `isSafetensors`. Throws `model-corrupt`. */
export async function openSafetensors(source: ByteSource): Promise<Checkpoint> {
  const { header, bodyOffset } = await readHeader(source);
  const rows = Object.entries(header).filter(([key]) => key !== METADATA_KEY);
  const claims = rows.map(([key, row]) => claimFrom(source, { key, row, bodyOffset }));
  checkOverlaps(source.name, claims);
  return {
    format: 'safetensors',
    tensors: new Map(claims.map((claim) => [claim.key, tensorFrom(source, claim)])),
    metadata: metadataFrom(header),
    close: () => source.close(),
  };
}

async function readHeader(
  source: ByteSource,
): Promise<{ header: Record<string, unknown>; bodyOffset: number }> {
  const lengthBytes = await source.read(0, LENGTH_BYTES);
  const length = Number(new DataView(lengthBytes.buffer).getBigUint64(0, true));
  const bodyOffset = LENGTH_BYTES + length;
  if (length > MOST_HEADER_BYTES) throw corrupt(source.name, `its header would have ${length} bytes`);
  if (bodyOffset > source.size) throw corrupt(source.name, `it ends inside its header of ${length} bytes`);
  const header = parseObject(await source.read(LENGTH_BYTES, length));
  if (header === undefined) throw corrupt(source.name, 'its header is no JSON object');
  return { header, bodyOffset };
}

interface Claimed {
  key: string;
  type: string;
  dims: readonly number[];
  place: Place;
}

function claimFrom(
  source: ByteSource,
  { key, row, bodyOffset }: { key: string; row: unknown; bodyOffset: number },
): Claimed {
  const { dtype, shape, data_offsets: offsets }: Record<string, unknown> = isObject(row) ? row : {};
  if (typeof dtype !== 'string' || !isNumbers(shape) || !isNumbers(offsets) || offsets.length !== 2)
    throw corrupt(source.name, `its header says no type, shape and place of ${shown(key)}`);
  const [begin, end] = offsets;
  const isPlace = [begin, end].every(Number.isSafeInteger) && begin >= 0 && begin <= end;
  if (!isPlace || bodyOffset + end > source.size)
    throw corrupt(source.name, `${shown(key)} lies at ${begin} to ${end}, outside of the file`);
  return { key, type: dtype, dims: shape, place: { offset: bodyOffset + begin, length: end - begin } };
}

const isNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'number');

function checkOverlaps(name: string, claims: readonly Claimed[]): void {
  const inOrder = claims
    .filter(({ place }) => place.length > 0)
    .sort((one, other) => one.place.offset - other.place.offset);
  for (const [i, { key, place }] of inOrder.slice(0, -1).entries()) {
    const next = inOrder[i + 1];
    if (place.offset + place.length > next.place.offset)
      throw corrupt(name, `${shown(key)} and ${shown(next.key)} lie on the same bytes`);
  }
}

function tensorFrom(source: ByteSource, { key, type, dims, place }: Claimed): StoredTensor {
  const claim = { key, dims, places: [place] };
  if (!Object.hasOwn(TYPES, type)) return opaqueTensor(source.name, { ...claim, type });
  return storedTensor(source, { ...claim, type: TYPES[type] });
}

/** The format wants a text for each key; what is none is left out. */
function metadataFrom(header: Record<string, unknown>): Record<string, string> {
  const metadata = header[METADATA_KEY];
  if (!isObject(metadata)) return {};
  const texts = Object.entries(metadata).filter((row): row is [string, string] => typeof row[1] === 'string');
  return Object.fromEntries(texts);
}
