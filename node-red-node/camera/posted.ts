// The picture in what a recorder POSTed to an http-in node: a multipart body, the files of an upload, or the bare file.

import type { IncomingHttpHeaders } from 'node:http';
import { addAbortSignal, Readable } from 'node:stream';
import { Dicer } from '@fastify/busboy';
import { expected, NigaoeError } from '../../shared/errors.js';
import { readAll, tooLarge } from './body.js';
import { imageTypeOf } from './image-type.js';
import { findJpeg } from './jpeg.js';
import type { Received } from './whole.js';

/** A message of an http-in node, as far as it matters here. */
export interface Posted {
  payload?: unknown;
  req?: unknown;
}

const FROM = 'the posted message';

/** The first picture of the message; throws `options` for a message of another kind. */
export async function postedPicture(
  posted: Posted,
  mostBytes: number,
  signal: AbortSignal,
): Promise<Received> {
  const bytes = uploaded(posted.req) ?? (await pictureIn(posted, mostBytes, signal));
  if (bytes.length > mostBytes) throw tooLarge({ mostBytes, from: FROM });
  return { bytes, from: FROM };
}

/** With "accept file uploads" http-in has taken the body apart already. */
function uploaded(req: unknown): Buffer | undefined {
  const files = (req as { files?: unknown } | undefined)?.files;
  if (!Array.isArray(files) || files.length === 0) return undefined;
  const buffers = files.map((file: { buffer?: unknown }) => file.buffer).filter(Buffer.isBuffer);
  return buffers.find((bytes) => imageTypeOf(bytes) !== undefined) ?? buffers[0];
}

async function pictureIn(posted: Posted, mostBytes: number, signal: AbortSignal): Promise<Buffer> {
  const body = await bodyOf(posted, mostBytes, signal);
  if (imageTypeOf(body) !== undefined) return body;
  const boundary = boundaryOf(posted.req) ?? openingLine(body);
  const parts = boundary === undefined ? [] : await partsOf(body, boundary);
  const picture = parts.find((part) => imageTypeOf(part) !== undefined) ?? jpegIn(body);
  if (picture !== undefined) return picture;
  if (boundary === undefined) return body;
  throw new NigaoeError(
    'photo-unreadable',
    `Expected a picture in ${FROM} but its ${parts.length} parts hold none`,
    { hint: 'Let the recorder attach the snapshot to its event' },
  );
}

async function bodyOf({ payload, req }: Posted, mostBytes: number, signal: AbortSignal): Promise<Buffer> {
  if (Buffer.isBuffer(payload) && payload.length > 0) return payload;
  const limits = { mostBytes: mostBytes + OVERHEAD_BYTES, from: FROM };
  if (isUnread(req)) return readAll(addAbortSignal(signal, req), limits);
  if (typeof payload === 'string' && payload !== '') return Buffer.from(payload, 'utf8');
  throw expected('the bytes of a multipart body', 'msg.payload', payload);
}
/** For the borders and the other parts, such as the event's description. */
const OVERHEAD_BYTES = 1_000_000;

function isUnread(req: unknown): req is Readable {
  return req instanceof Readable && req.readable && !req.readableEnded && !req.readableDidRead;
}

function boundaryOf(req: unknown): string | undefined {
  const headers = (req as { headers?: IncomingHttpHeaders } | undefined)?.headers;
  const found = /^multipart\/.*?;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(headers?.['content-type'] ?? '');
  return found?.[1] ?? found?.[2];
}

/** Where the header is lost the body itself begins with its boundary. */
function openingLine(body: Buffer): string | undefined {
  return /^(?:\r?\n)?--([^\r\n]{1,70})\r?\n/.exec(body.toString('latin1', 0, 80))?.[1];
}

/** The bytes of each part. A body that breaks off gives what it had: whether a picture is whole is asked later. */
function partsOf(body: Buffer, boundary: string): Promise<Buffer[]> {
  return new Promise((resolve) => {
    const parts: (() => Buffer)[] = [];
    const dicer = new Dicer({ boundary });
    const finish = (): void => resolve(parts.map((part) => part()));
    dicer.on('part', (part) => {
      if (parts.length < MOST_PARTS) parts.push(collect(part));
      else part.resume();
    });
    dicer.on('finish', finish);
    // What the last part holds is still on its way.
    dicer.on('error', () => setImmediate(finish));
    dicer.end(body);
  });
}
const MOST_PARTS = 100;

function collect(part: Readable): () => Buffer {
  const chunks: Buffer[] = [];
  let encoding: BufferEncoding | undefined;
  part.on('header', (header: Record<string, string[] | undefined>) => {
    if (/base64/i.test(header['content-transfer-encoding']?.[0] ?? '')) encoding = 'base64';
  });
  part.on('data', (chunk: Buffer) => chunks.push(chunk));
  // A part that breaks off is judged by its bytes.
  part.on('error', () => {});
  return () => {
    const bytes = Buffer.concat(chunks);
    return encoding === undefined ? bytes : Buffer.from(bytes.toString('latin1'), encoding);
  };
}

/** Recorders write boundaries that differ from their header: a JPEG is found without them. */
function jpegIn(body: Buffer): Buffer | undefined {
  const { start, end } = findJpeg(body);
  return end === undefined ? undefined : body.subarray(start, end);
}
