// Whether an HTTP answer can lead to the file that was asked for: status, range and length, before a byte of it is taken.

import type { ModelFile } from '../entry.js';
import { SourceFailure } from './sources.js';

const LONGEST_WAIT_MS = 30_000;

/** The offset at which the body starts; throws for every answer that cannot lead to the file. */
export function checkResponse(response: Response, file: ModelFile, offset: number): number {
  if (response.status === 206 && offset > 0) return checkRange(response, file, offset);
  if (response.status === 416 && offset > 0) throw refusedRange(response, file);
  if (response.status !== 200) throw refusal(response);
  checkLength(response, file.bytes, file);
  return 0;
}

function checkRange(response: Response, file: ModelFile, offset: number): number {
  const header = response.headers.get('content-range') ?? '';
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(header) ?? [];
  if (Number(start) !== offset) throw new SourceFailure('wrong', 'sent another range than it was asked for');
  if (total !== '*' && Number(total) !== file.bytes) throw otherLength(Number(total), file);
  checkLength(response, file.bytes - offset, file);
  return offset;
}

function refusedRange(response: Response, file: ModelFile): SourceFailure {
  const total = /^bytes \*\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1];
  if (total !== undefined && Number(total) !== file.bytes) return otherLength(Number(total), file);
  return new SourceFailure('wrong', 'refused the range that was asked for');
}

function checkLength(response: Response, wanted: number, file: ModelFile): void {
  const header = response.headers.get('content-length');
  const encoded = (response.headers.get('content-encoding') ?? 'identity') !== 'identity';
  if (header === null || encoded || Number(header) === wanted) return;
  throw otherLength(Number(header) + file.bytes - wanted, file);
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
export function otherLength(bytes: number, file: ModelFile): SourceFailure {
  return new SourceFailure('unfit', `offers ${bytes} bytes instead of ${file.bytes}`);
}
