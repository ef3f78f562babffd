// Reads a body within its limits: all of it, or only until the first whole frame of a stream.

import type { Readable } from 'node:stream';
import { NigaoeError } from '../../shared/errors.js';
import { GrowingBytes } from './growing.js';
import { JpegSearch } from './jpeg.js';

export interface BodyLimits {
  mostBytes: number;
  /** Where from, for sentences. */
  from: string;
}

/** The whole body; throws `photo-too-large` beyond the limit, `unreachable` where it breaks off. */
export async function readAll(body: Readable, limits: BodyLimits): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  await eachChunk(body, limits, (chunk) => {
    length += chunk.length;
    if (length > limits.mostBytes) throw tooLarge(limits);
    chunks.push(chunk);
    return true;
  });
  return Buffer.concat(chunks, length);
}

/** The first whole JPEG of a stream, which is then closed; undefined where it ends without one. */
export async function readFrame(stream: Readable, limits: BodyLimits): Promise<Buffer | undefined> {
  const held = new GrowingBytes();
  const search = new JpegSearch();
  let frame: Buffer | undefined;
  await eachChunk(stream, limits, (chunk) => {
    held.add(chunk);
    const { start, end } = search.look(held.bytes);
    if ((end ?? held.bytes.length) - start > limits.mostBytes) throw tooLarge(limits);
    if (end !== undefined) frame = held.bytes.subarray(start, end);
    else if (2 * start > held.bytes.length) {
      held.drop(start);
      search.drop(start);
    }
    return frame === undefined;
  });
  return frame;
}

/** Hands over chunk by chunk as long as `take` wants more; the stream is closed in any case. */
async function eachChunk(
  body: Readable,
  { from }: BodyLimits,
  take: (chunk: Buffer) => boolean,
): Promise<void> {
  try {
    for await (const chunk of body) if (!take(chunk as Buffer)) return;
  } catch (error) {
    if (error instanceof NigaoeError) throw error;
    throw new NigaoeError('unreachable', `Expected a whole picture from ${from} but the connection broke`, {
      cause: error,
    });
  } finally {
    body.destroy();
  }
}

/** The error for more bytes than the node takes. */
export function tooLarge({ mostBytes, from }: BodyLimits): NigaoeError {
  const most = `${mostBytes / BYTES_PER_MEGABYTE} MB`;
  return new NigaoeError('photo-too-large', `Expected at most ${most} from ${from} but it sends more`, {
    hint: 'Ask the camera for a smaller picture, or raise the limit in the node',
  });
}
export const BYTES_PER_MEGABYTE = 1e6;
