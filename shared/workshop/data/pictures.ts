// What a training learns from: pictures of one shape, read one by one and put together to batches.

import { createHash } from 'node:crypto';
import { expected } from '../../errors.js';
import { type Random, randomFor, shuffled } from '../../random.js';
import { sizeOf, type Tensor, tensor } from '../../tensor.js';

export interface Pictures {
  readonly count: number;
  /** Of every picture, in pixels. */
  readonly dims: readonly [channels: number, height: number, width: number];
  /** What each shows, as a number; absent where the source does not say. */
  readonly labels?: Uint8Array;
  /** What each shows, in words of files beside them. */
  readonly captions?: readonly (string | undefined)[];
  /** The words of a picture as a text encoder heard them. */
  words?(index: number): Float32Array;
  /**
   * One picture, planar in -1..1. Where the source varies its pictures, `random` decides on part and mirroring: the same
   * row gives the same picture. Without it the middle is shown, not mirrored.
   */
  read(index: number, random?: Random): Promise<Float32Array> | Float32Array;
}

/** A byte in -1..1. */
export const LEVELS = Float32Array.from({ length: 256 }, (_, byte) => byte / 127.5 - 1);

/** Tells these pictures from others by the first, the middle and the last, and by all of their captions. */
export async function printOf(pictures: Pictures): Promise<string> {
  const hash = createHash('sha256');
  for (const at of [0, pictures.count >> 1, pictures.count - 1]) hash.update(await pictures.read(at));
  if (pictures.captions?.some((caption) => caption !== undefined))
    hash.update(JSON.stringify(pictures.captions));
  return hash.digest('hex').slice(0, 16);
}

/** The pictures of these numbers as `[N,C,H,W]`; chance is that of the place in the batch. */
export async function batch(
  pictures: Pictures,
  indices: readonly number[],
  randomOf?: (at: number) => Random,
): Promise<Tensor> {
  const { count, dims } = pictures;
  const whole = tensor([indices.length, ...dims]);
  const place = async (index: number, at: number) => {
    if (!(index >= 0 && index < count)) throw new Error(`internal: picture ${index} of ${count}`);
    whole.data.set(await pictures.read(index, randomOf?.(at)), at * sizeOf(dims));
  };
  await Promise.all(indices.map(place));
  return whole;
}

/** The pictures to learn from, and the last `heldBack` to measure with; throws `options` where none is left to learn from. */
export function split(pictures: Pictures, heldBack: number): [learned: Pictures, heldBack: Pictures] {
  const { count } = pictures;
  if (!(Number.isInteger(heldBack) && heldBack >= 0 && heldBack < count))
    throw expected(`a whole number from 0 to ${count - 1}`, 'the pictures held back', heldBack);
  return [part(pictures, 0, count - heldBack), part(pictures, count - heldBack, count)];
}

function part(pictures: Pictures, from: number, to: number): Pictures {
  const { dims, labels, captions, words } = pictures;
  return {
    count: to - from,
    dims,
    ...(labels && { labels: labels.subarray(from, to) }),
    ...(captions && { captions: captions.slice(from, to) }),
    ...(words && { words: (index: number) => words(from + index) }),
    read: (index, random) => pictures.read(from + index, random),
  };
}

/**
 * Which of `count` pictures step `step` (from 1) takes: each epoch has an order of its own, whose last pictures wait where
 * they fill no batch of `size`. Fewer pictures than that are taken again until the batch is full.
 */
export function batchIndices(
  count: number,
  size: number,
  { seed, step }: { seed: number; step: number },
): number[] {
  const perEpoch = Math.max(1, Math.floor(count / size));
  const [epoch, first] = [Math.ceil(step / perEpoch), ((step - 1) % perEpoch) * size];
  const order = orderOf(count, seed, epoch);
  return Array.from({ length: size }, (_, at) => order[(first + at) % count]);
}

/** Remembered, as every step of an epoch asks for it; two sources may take turns. */
function orderOf(count: number, seed: number, epoch: number): readonly number[] {
  const key = `${count}/${seed}/${epoch}`;
  const order = ORDERS.get(key) ?? shuffled(count, randomFor(seed, 'order', epoch));
  if (ORDERS.size >= 4) ORDERS.clear();
  ORDERS.set(key, order);
  return order;
}
const ORDERS = new Map<string, readonly number[]>();
