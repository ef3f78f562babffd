// What bridge and workers say to each other about one drawing: the data and the result of a job of BullMQ.

import { type Failure, fromFailure, NigaoeError } from '../../errors.js';
import type { Options } from '../../options.js';
import type { Drawing } from '../jobs/drawing.js';
import { describeDrawing } from '../jobs/drawing.js';
import type { ResultInfo } from '../protocol.js';
import type { Blobs } from './blobs.js';
import { hashOf } from './keys.js';

/** A drawing to be made. */
export interface DrawingOrder {
  /** Hash of the photo's blob, which the drawing holds. */
  photo: string;
  photoBytes: number;
  options: Options;
  /** Of the photo, in error sentences. */
  name?: string;
  /** Equal for orders that draw the same. */
  fingerprint: string;
}

/** What a worker made: pictures by the hashes of their blobs, which the drawing holds too. */
export interface DrawingResult {
  info: ResultInfo;
  pictures: { hash: string; type: string; byteLength: number }[];
}

/** Tries that a drawing has where workers die or fail over it for no reason that they can name. */
export const MOST_TRIES = 3;
/** The name that all jobs of BullMQ go by. */
export const DRAW = 'draw';

/** By what names a drawing holds blobs: its photo until it is drawn, its pictures until they are fetched. */
export const ofPhoto = (drawing: string): string => `${drawing}.photo`;
export const ofResult = (drawing: string): string => `${drawing}.result`;

/** Lays the pictures of a drawing down, and calls it made when all of them are there. */
export async function layDown(
  drawn: Drawing,
  {
    blobs,
    drawing,
    complete,
  }: { blobs: Blobs; drawing: string; complete: (result: DrawingResult) => Promise<unknown> },
): Promise<void> {
  const info = describeDrawing(drawn);
  const pictures = drawn.pictures.map(({ bytes }, at) => ({
    hash: hashOf(bytes),
    type: info.pictures[at].type,
    byteLength: bytes.byteLength,
  }));
  const laying = drawn.pictures.map(({ bytes }, at) =>
    blobs.put(bytes, pictures[at].hash, ofResult(drawing)),
  );
  await Promise.all(laying);
  await complete({ info, pictures });
}

/** A failure in the one text that BullMQ keeps of it, with the words of what caused it. */
export function packFailure(error: NigaoeError): string {
  const { cause } = error;
  return JSON.stringify({ ...error.toJSON(), ...(cause instanceof Error ? { cause: cause.message } : {}) });
}

/** The failure that a worker packed, or what BullMQ itself has to say of a job. */
export function unpackFailure(text: string): NigaoeError {
  try {
    const { cause, ...failure } = JSON.parse(text) as Failure & { cause?: string };
    const { code, message, hint } = fromFailure(failure);
    return new NigaoeError(code, message, { hint, cause: cause === undefined ? cause : new Error(cause) });
  } catch {
    const isStalled = text.includes('stalled') || text.includes('started more than');
    return isStalled ? tooOften() : new NigaoeError('internal', `internal: ${text}`);
  }
}

const tooOften = (): NigaoeError =>
  new NigaoeError('internal', `internal: the worker died over this photo, ${MOST_TRIES} times in a row`, {
    hint: 'The photo was given up so that others are drawn; `nigaoe queue failed` tells of it.',
  });
