// Fetches a picture over HTTP: a single one, or the first whole frame where the camera sends a stream of them.

import type { IncomingMessage } from 'node:http';
import { type BodyLimits, readAll, readFrame, tooLarge } from './body.js';
import { type HttpCall, openAnswer, unanswered } from './http-answer.js';
import { shownAddress } from './sentences.js';
import type { Received } from './whole.js';

export interface PictureCall extends HttpCall {
  mostBytes: number;
  /** The address is known to stream, whatever its content type says. */
  streams: boolean;
}

/** What came, not yet checked; throws NigaoeError. */
export async function fetchPicture(call: PictureCall): Promise<Received> {
  const answer = await openAnswer(call);
  const limits = { mostBytes: call.mostBytes, from: shownAddress(call.url) };
  const contentType = answer.headers['content-type'];
  if (!isStream(contentType, call.streams))
    return { bytes: await readSingle(answer, limits), contentType, from: limits.from };
  const frame = await readFrame(answer, limits);
  if (frame === undefined) throw unanswered(call.url, 'its stream ends without a whole JPEG frame');
  return { bytes: frame, contentType: 'image/jpeg', from: limits.from };
}

/** A page or an error in place of the stream is read as a whole, so that it can be told. */
function isStream(contentType = '', streams: boolean): boolean {
  if (/^multipart\//i.test(contentType)) return true;
  return streams && !/^(image|text)\/|json|xml/i.test(contentType);
}

async function readSingle(answer: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  if (Number(answer.headers['content-length'] ?? 0) > limits.mostBytes) {
    answer.destroy();
    throw tooLarge(limits);
  }
  return readAll(answer, limits);
}
