// Reads MindSpore's .ckpt files: a protobuf message of named parameters (source: MindSpore's checkpoint.proto and
// mindspore.train.serialization), walked without reading the numbers.

import { type ByteSource, corrupt } from './bytes.js';
import type { Checkpoint, StoredTensor } from './checkpoint.js';
import { ELEMENT_BYTES, type ElementType } from './elements.js';
import { type Claim, MOST_AXES, opaqueTensor, type Place, shown, storedTensor } from './numbers.js';
import { type Field, fieldsOf, openWindow, varintAt, type Window } from './protobuf-fields.js';

/** Fields of Checkpoint, Checkpoint.Value and TensorProto. */
const CHECKPOINT = { value: 1 } as const;
const VALUE = { tag: 1, tensor: 2, mapTensor: 3 } as const;
const TENSOR = { dims: 1, type: 2, content: 3 } as const;
/** The first byte of a field that holds bytes. */
const keyOf = (field: number): number => field * 8 + 2;

/** Slices of parameters in one file; a network with the state of its optimizer has some thousands. */
const MOST_RECORDS = 100_000;
/** Of one record; all that are known are fewer, even with dims that are not packed. */
const MOST_FIELDS = 2 * MOST_AXES;
const MOST_NAME_BYTES = 4096;
const MOST_DIMS_BYTES = 10 * MOST_AXES;
/** Bookkeeping between the parameters: the state of a random generator, and texts. */
const NO_NUMBERS: readonly string[] = ['random_op', 'str'];
/** `crc_check` writes this word behind the message, and ten bytes of checksum. */
const CHECKSUM_WORD = 'crc_num';
const CHECKSUM_BYTES = CHECKSUM_WORD.length + 10;

/** One record: a parameter, or a slice of it. */
interface Slice {
  tag: string;
  dims: number[];
  type: string;
  place: Place;
}

/** Whether a file begins like a MindSpore checkpoint: a Value with a tag and a tensor in it. A TensorFlow graph has a word there. */
export function isMindspore(head: Uint8Array): boolean {
  const value = varintAt(head, 1);
  if (head[0] !== keyOf(CHECKPOINT.value) || value === undefined) return false;
  const tag = varintAt(head, value.next + 1);
  if (head[value.next] !== keyOf(VALUE.tag) || tag === undefined) return false;
  const field = tag.next + tag.value;
  if (head[field] === keyOf(VALUE.mapTensor)) return true;
  const tensor = varintAt(head, field + 1);
  if (head[field] !== keyOf(VALUE.tensor) || tensor === undefined) return false;
  return [keyOf(TENSOR.dims), keyOf(TENSOR.dims) - 2, keyOf(TENSOR.type)].includes(head[tensor.next]);
}

/** Opens a MindSpore checkpoint, which `isMindspore`. Throws `model-corrupt`. */
export async function openMindspore(source: ByteSource): Promise<Checkpoint> {
  const claims = new Map<string, Slice[]>();
  let before: Slice | undefined;
  for await (const slice of slicesOf(source)) {
    // Large parameters come in slices, one behind the other; a tag that comes again later counts anew, as in MindSpore.
    if (before?.tag === slice.tag) claims.get(slice.tag)?.push(slice);
    else claims.set(slice.tag, [slice]);
    before = slice;
  }
  return {
    format: 'mindspore',
    tensors: new Map([...claims].map(([tag, slices]) => [tag, tensorFrom(source, slices)])),
    metadata: {},
    close: () => source.close(),
  };
}

async function* slicesOf(source: ByteSource): AsyncGenerator<Slice> {
  const window = openWindow(source);
  const whole = { offset: 0, length: await messageBytes(source) };
  for await (const { number, place } of fieldsOf(window, whole, MOST_RECORDS)) {
    const slice = number === CHECKPOINT.value ? await readValue(window, place) : undefined;
    if (slice !== undefined && !NO_NUMBERS.includes(slice.type)) yield slice;
  }
}

/** The checksum is not compared: that would read the whole file. */
async function messageBytes({ size, read }: ByteSource): Promise<number> {
  if (size < CHECKSUM_BYTES) return size;
  const tail = await read(size - CHECKSUM_BYTES, CHECKSUM_WORD.length);
  return Buffer.from(tail).toString('latin1') === CHECKSUM_WORD ? size - CHECKSUM_BYTES : size;
}

/** A hash map of a recommender (a map tensor) has no place in a network that draws: undefined. */
async function readValue(window: Window, value: Place): Promise<Slice | undefined> {
  let tag: string | undefined;
  let tensor: Omit<Slice, 'tag'> | undefined;
  let isMap = false;
  for await (const { number, place } of fieldsOf(window, value, MOST_FIELDS)) {
    if (number === VALUE.tag) tag = await readName(window, place);
    if (number === VALUE.tensor) tensor = await readTensor(window, place);
    if (number === VALUE.mapTensor) isMap = true;
  }
  if (isMap) return undefined;
  if (tag === undefined || tensor === undefined)
    throw corrupt(window.source.name, `the record at byte ${value.offset} holds no named tensor`);
  return { tag, ...tensor };
}

async function readTensor(window: Window, tensor: Place): Promise<Omit<Slice, 'tag'>> {
  const dims: number[] = [];
  let type = '';
  let place: Place = { offset: tensor.offset, length: 0 };
  for await (const field of fieldsOf(window, tensor, MOST_FIELDS)) {
    if (field.number === TENSOR.dims) dims.push(...(await readDims(window, field)));
    if (field.number === TENSOR.type) type = await readName(window, field.place);
    if (field.number === TENSOR.content) place = field.place;
  }
  return { dims, type, place };
}

/** One size, or all of them in one field. A negative one comes out beyond all that is a size. */
async function readDims(window: Window, { varint, place }: Field): Promise<number[]> {
  if (varint !== undefined) return [varint];
  const bytes = await readBytes(window, place, MOST_DIMS_BYTES);
  const dims: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const dim = varintAt(bytes, at);
    if (dim === undefined) throw corrupt(window.source.name, `a shape at byte ${place.offset} is cut`);
    dims.push(dim.value);
    at = dim.next;
  }
  return dims;
}

async function readName(window: Window, place: Place): Promise<string> {
  const bytes = await readBytes(window, place, MOST_NAME_BYTES);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw corrupt(window.source.name, `the name at byte ${place.offset} is no text`, cause);
  }
}

async function readBytes(window: Window, { offset, length }: Place, most: number): Promise<Uint8Array> {
  if (length > most)
    throw corrupt(window.source.name, `the name or shape at byte ${offset} has ${length} bytes`);
  return window.view(offset, length);
}

function tensorFrom(source: ByteSource, slices: readonly Slice[]): StoredTensor {
  const [{ tag: key, dims, type }] = slices;
  if (slices.some((slice) => slice.type !== type || slice.dims.join() !== dims.join()))
    throw corrupt(source.name, `the slices of ${shown(key)} differ in shape or type`);
  const claim = { key, dims, places: slices.map(({ place }) => place) };
  const known = elementType(type);
  if (known === undefined) return opaqueTensor(source.name, { ...claim, type });
  return storedTensor(source, asScalar({ ...claim, type: known }));
}

/** `Float32`; adapters of other frameworks write `mindspore.float32`. */
function elementType(name: string): ElementType | undefined {
  const type = name.toLowerCase().replace(/^mindspore\.|_$/g, '');
  return Object.hasOwn(ELEMENT_BYTES, type) ? (type as ElementType) : undefined;
}

/** MindSpore writes a number without axes as shape [0]. */
function asScalar(claim: Claim): Claim {
  const isScalar = claim.dims.join() === '0' && claim.places[0].length === ELEMENT_BYTES[claim.type];
  return isScalar ? { ...claim, dims: [] } : claim;
}
