// Whether an HTTP answer can lead to the file that was asked for: status, range and length, before a byte of it is taken.

import type { ModelFile } from '../entry.js';
import { SourceFailure } from './sources.js';

const LONGEST_WAIT_MS = 30_000;

/** Where the body starts in the file, and how large the source says that the file is. */
export interface Extent {
  startsAt: number;
  totalBytes: number | undefined;
}

/** What the body is of the file; throws for every answer that cannot lead to the file. */
export function checkResponse(response: Response, file: ModelFile, offset: number): Extent {
  if (response.status === 206 && offset > 0) return checkRange(response, file, offset);
  if (response.status === 416 && offset > 0) throw refusedRange(response, file);
  if (response.status !== 200) throw refusal(response);
  const totalBytes = lengthOf(response);
  checkTotal(totalBytes, file.bytes);
  return { startsAt: 0, totalBytes };
}

function checkRange(response: Response, file: ModelFile, offset: number): Extent {
  const header = response.headers.get('content-range') ?? '';
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(header) ?? [];
  if (Number(start) !== offset) throw new SourceFailure('wrong', 'sent another range than it was asked for');
  const rest = lengthOf(response);
  const counted = rest === undefined ? undefined : offset + rest;
  const totalBytes = total === '*' ? counted : Number(total);
  checkTotal(totalBytes, file.bytes);
  checkTotal(counted, totalBytes);
  return { startsAt: offset, totalBytes };
}

function refusedRange(response: Response, file: ModelFile): SourceFailure {
  const total = /^bytes \*\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1];
  if (total !== undefined && file.bytes !== undefined && Number(total) !== file.bytes)
    return otherLength(Number(total), file.bytes);
  return new SourceFailure('wrong', 'refused the range that was asked for');
}

/** The length of the body where the answer tells it: that of a compressed body is not the file's. */
function lengthOf(response: Response): number | undefined {
  const header = response.headers.get('content-length');
  const encoded = (response.headers.get('content-encoding') ?? 'identity') !== 'identity';
  return header === null || encoded ? undefined : Number(header);
}

function checkTotal(offered: number | undefined, wanted: number | undefined): void {
  if (offered !== undefined && wanted !== undefined && offered !== wanted) throw otherLength(offered, wanted);
}

function refusal(response: Response): SourceFailure {
  const passing = response.status >= 500 || [408, 425, 429].includes(response.status);
  const seconds = Number(response.headers.get('retry-after') ?? 0);
  const retryAfterMs = Number.isFinite(seconds) ? Math.min(seconds * 1000, LONGEST_WAIT_MS) : 0;
  return new SourceFailure(passing ? 'retry' : 'absent', `answered ${response.status}`, { retryAfterMs });
}

/** The answer's ETag where it is a strong one: If-Range takes no other (RFC 9110, 13.1.5). */
export function strongTag(response: Response): string | undefined {
  const tag = response.headers.get('etag');
  return tag?.startsWith('"') ? tag : undefined;
}

/** A source that has a file of another size. */
export function otherLength(offered: number, wanted: number): SourceFailure {
  return new SourceFailure('unfit', `offers ${offered} bytes instead of ${wanted}`);
}
