// Numbers that other frameworks computed, as test/oracles/*.py stores them, and how near to them one must be.

import assert from 'node:assert/strict';
import { tensor } from '../../shared/tensor.js';
import type { State } from '../../shared/train/weights.js';
import { numbers } from '../models/architectures/oracle.js';

/** Dims, centre and spread of a tensor's numbers. */
export type Recipe = readonly [dims: readonly number[], centre: number, spread: number];

/** base64 of little-endian float32. */
export function numbersOf(stored: string): Float32Array {
  const bytes = Buffer.from(stored, 'base64');
  return Float32Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(4 * at));
}

/** What a training begins with: numbers drawn by their names, or by what is made of these. */
export function stateOf(tensors: Readonly<Record<string, Recipe>>, named = (key: string) => key): State {
  return new Map(
    Object.entries(tensors).map(([key, recipe]) => [key, tensor(recipe[0], numbers(named(key), recipe))]),
  );
}

/** No number is further from the wanted one than this part of the largest of them. */
export function assertNear(
  got: ArrayLike<number>,
  wanted: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  assert.equal(got.length, wanted.length, `${what} has ${got.length} numbers`);
  const largest = Array.from(wanted).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (let at = 0; at < wanted.length; at++) {
    const off = Math.abs(got[at] - wanted[at]);
    assert.ok(off <= tolerance * largest, `${what}: number ${at} is ${got[at]} instead of ${wanted[at]}`);
  }
}
