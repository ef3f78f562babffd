// The numbers of a stored tensor: what a file claims of them is checked once, and they are read in pieces when asked for.

import { NigaoeError } from '../../errors.js';
import { sizeOf } from '../../tensor.js';
import { type ByteSource, corrupt } from './bytes.js';
import type { StoredTensor } from './checkpoint.js';
import { ELEMENT_BYTES, type ElementType, toFloat32 } from './elements.js';

/** Where bytes lie in a file. */
export interface Place {
  offset: number;
  length: number;
}

/** What a file says of one of its tensors; the bytes may lie in several places, in their order. */
export interface Claim {
  key: string;
  dims: readonly number[];
  type: ElementType;
  places: readonly Place[];
}

/** More axes than any network has; a damaged list of sizes can have millions. */
export const MOST_AXES = 32;
/** Numbers of one tensor: 4 GiB as float32. The largest weights of the largest published networks have a quarter. */
const MOST_NUMBERS = 2 ** 30;
/** Bytes that are read and converted at a time; a multiple of every element size. */
const PIECE_BYTES = 2 ** 24;

/** The tensor that a file claims to hold; throws `model-corrupt` where the claim does not fit the file. */
export function storedTensor(source: ByteSource, claim: Claim): StoredTensor {
  const { dims, type } = claim;
  checkDims(source.name, claim);
  checkPlaces(source, claim);
  return { dims, type, read: () => readNumbers(source, claim) };
}

/**
 * A tensor whose elements nigaoe cannot read: it keeps its key and its dims, so that the file can be looked at, and is
 * refused by name when its numbers are asked for.
 */
export function opaqueTensor(name: string, claim: Omit<Claim, 'type'> & { type: string }): StoredTensor {
  const { key, dims, type } = claim;
  checkDims(name, claim);
  const message = `Expected numbers of a known type for ${shown(key)} in ${name} but they are ${shown(type)}`;
  const hint = 'Save the checkpoint as float32 or float16 where it was trained.';
  const read = () => Promise.reject(new NigaoeError('model-unsupported', message, { hint }));
  return { dims, type: 'other', read };
}

/** The numbers in the places of a claim that was checked. */
export async function readNumbers(source: ByteSource, claim: Claim): Promise<Float32Array> {
  const count = sizeOf(claim.dims);
  if (count > MOST_NUMBERS) throw tooLarge(source.name, claim.key, count);
  const numbers = new Float32Array(count);
  let done = 0;
  for (const { offset, length } of pieces(claim.places)) {
    const part = toFloat32(await source.read(offset, length), claim.type);
    numbers.set(part, done);
    done += part.length;
  }
  return numbers;
}

function* pieces(places: readonly Place[]): Generator<Place> {
  for (const { offset, length } of places)
    for (let at = 0; at < length; at += PIECE_BYTES)
      yield { offset: offset + at, length: Math.min(PIECE_BYTES, length - at) };
}

/** Throws `model-corrupt` where the dims are no sizes. */
export function checkDims(name: string, { key, dims }: Pick<Claim, 'key' | 'dims'>): void {
  if (dims.length > MOST_AXES) throw corrupt(name, `${shown(key)} has ${dims.length} axes`);
  if (!dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0))
    throw corrupt(name, `the shape [${dims.join(', ')}] of ${shown(key)} is no shape`);
}

function checkPlaces(source: ByteSource, { key, dims, type, places }: Claim): void {
  const element = ELEMENT_BYTES[type];
  const length = places.reduce((sum, place) => sum + place.length, 0);
  const isWhole = places.every((place) => place.length % element === 0);
  if (!isWhole || length !== sizeOf(dims) * element)
    throw corrupt(source.name, `${length} bytes are no [${dims.join(', ')}] of ${type} for ${shown(key)}`);
  if (places.some(({ offset, length }) => offset + length > source.size))
    throw corrupt(source.name, `the numbers of ${shown(key)} end beyond its ${source.size} bytes`);
}

/** A key of a file for a sentence: a damaged one can be long, and hold anything. */
export function shown(key: string): string {
  return JSON.stringify(key.length > SHOWN_CHARACTERS ? key.slice(0, SHOWN_CHARACTERS) + '…' : key);
}
const SHOWN_CHARACTERS = 80;

function tooLarge(name: string, key: string, count: number): NigaoeError {
  const message = `Expected at most ${MOST_NUMBERS} numbers for ${shown(key)} in ${name} but it has ${count}`;
  return new NigaoeError('model-unsupported', message, { hint: 'No style that nigaoe knows is as large.' });
}
