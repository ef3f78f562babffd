// Opens a source at a byte offset: a file of a folder mirror, or an HTTP request with Range, watched for stalls.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { codeOf } from '../../errors.js';
import type { ModelFile } from '../entry.js';
import { checkResponse, type Extent, otherLength, strongTag } from './range-response.js';
import { type Source, SourceFailure } from './sources.js';
import { cancelled, type StallWatch, watchForStall } from './stall-watch.js';

/** What is wanted of a source. */
interface Ask {
  file: ModelFile;
  /** First byte that is still missing. */
  offset: number;
  /** Tag that this address gave the earlier bytes; a changed file is then sent from its start. */
  etag: string | undefined;
  stallMs: number;
  signal: AbortSignal | undefined;
}

/**
 * What a source sends: it starts at `ask.offset`, or at 0 where the source starts again. `chunks` has to be read or returned,
 * for it holds a connection.
 */
interface Delivery extends Extent {
  etag: string | undefined;
  chunks: AsyncIterable<Uint8Array>;
}

const MOST_HOPS = 10;

/** Opens the source. Throws SourceFailure for what it does wrong, `cancelled` when the signal is raised. */
export function openSource(source: Source, ask: Ask): Promise<Delivery> {
  return source.kind === 'folder' ? openFolder(source.path, ask) : openWeb(source.url, ask);
}

async function openFolder(path: string, { file, offset, signal }: Ask): Promise<Delivery> {
  const found = await stat(path).catch((error: unknown) => {
    throw new SourceFailure('absent', absence(error), { cause: error });
  });
  if (!found.isFile()) throw new SourceFailure('absent', 'is not a file');
  if (file.bytes !== undefined && found.size !== file.bytes) throw otherLength(found.size, file.bytes);
  const chunks = readFolder(path, offset, signal);
  return { startsAt: offset, totalBytes: found.size, etag: undefined, chunks };
}

async function* readFolder(
  path: string,
  offset: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path, { start: offset, highWaterMark: 1024 * 1024, signal }))
      yield chunk as Buffer;
  } catch (error) {
    if (signal?.aborted) throw cancelled(error);
    throw new SourceFailure('absent', absence(error), { cause: error });
  }
}

async function openWeb(url: string, ask: Ask): Promise<Delivery> {
  const watch = watchForStall(ask.stallMs, ask.signal);
  try {
    const response = await follow(url, ask, watch);
    try {
      const extent = checkResponse(response, ask.file, ask.offset);
      return { ...extent, etag: strongTag(response), chunks: readBody(response, watch) };
    } catch (error) {
      await response.body?.cancel();
      throw error;
    }
  } catch (error) {
    watch.stop();
    throw watch.explain(error);
  }
}

async function* readBody(response: Response, watch: StallWatch): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of response.body ?? []) {
      watch.feed();
      yield chunk;
    }
  } catch (error) {
    throw watch.explain(error);
  } finally {
    watch.stop();
  }
}

/** Follows redirects by hand, since a download that began on https must never go on over http. */
async function follow(url: string, ask: Ask, watch: StallWatch): Promise<Response> {
  let at = webUrl(url, undefined, ['http:', 'https:']);
  const allowed = at.protocol === 'http:' ? ['http:', 'https:'] : ['https:'];
  for (let hop = 0; hop <= MOST_HOPS; hop += 1) {
    const response = await fetch(at, { headers: headersFor(ask), redirect: 'manual', signal: watch.signal });
    watch.feed();
    if (![301, 302, 303, 307, 308].includes(response.status)) return response;
    await response.body?.cancel();
    at = webUrl(response.headers.get('location') ?? '', at, allowed);
  }
  throw new SourceFailure('absent', `redirected more than ${MOST_HOPS} times`);
}

function webUrl(text: string, from: URL | undefined, protocols: readonly string[]): URL {
  if (!URL.canParse(text, from?.href))
    throw new SourceFailure('absent', 'leads to an address that is no URL');
  const url = new URL(text, from);
  if (protocols.includes(url.protocol)) return url;
  throw new SourceFailure(
    'absent',
    `leads to ${url.protocol}//${url.host}, where ${protocols.join(' or ')} is needed`,
  );
}

function headersFor({ offset, etag }: Ask): Record<string, string> {
  // A compressed body has neither the length nor the offsets of the file.
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  if (offset > 0) headers.range = `bytes=${offset}-`;
  if (offset > 0 && etag !== undefined) headers['if-range'] = etag;
  return headers;
}

function absence(error: unknown): string {
  return codeOf(error) === 'ENOENT' ? 'is not there' : `cannot be read (${codeOf(error) ?? String(error)})`;
}
