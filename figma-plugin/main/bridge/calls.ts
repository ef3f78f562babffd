// The calls of the bridge that the plugin makes, with no more than the sandbox's fetch can do.

import {
  DEFAULT_PORT,
  type Health,
  type JobStatus,
  type OptionInfo,
  type PairAnswer,
  type StyleInfo,
} from '../../../shared/bridge/protocol.js';
import type { Failure } from '../../../shared/errors.js';
import type { PartialBridgeOptions } from '../../../shared/options.js';
import type { NarrowFetch, NarrowRequest, NarrowResponse } from '../host.js';
import { BridgeFailure } from './failed.js';
import { mediaTypeOf } from './media-type.js';

/** The only address in the manifest; Figma refuses 127.0.0.1 there. */
export const BRIDGE_URL = `http://localhost:${DEFAULT_PORT}`;

/** Where calls go: the sandbox's fetch and the token, if there is one. */
export interface Line {
  fetch: NarrowFetch;
  token: string | undefined;
}

export async function askHealth(line: Line): Promise<Health> {
  return (await (await call(line, '/health')).json()) as Health;
}

/** Trades the six digits for a token. */
export async function pair(line: Line, code: string): Promise<PairAnswer> {
  const body = JSON.stringify({ code, name: 'Figma' });
  const headers = { 'content-type': 'application/json' };
  return (await (await call(line, '/pair', { method: 'POST', headers, body })).json()) as PairAnswer;
}

export const listStyles = (line: Line): Promise<StyleInfo[]> => list<StyleInfo>(line, 'styles');
export const listOptions = (line: Line): Promise<OptionInfo[]> => list<OptionInfo>(line, 'options');

/** A small picture of what a style draws; undefined where the bridge has none. */
export async function loadPreview(line: Line, style: string): Promise<Preview | undefined> {
  try {
    const answer = await call(line, `/v1/styles/${encodeURIComponent(style)}/preview`);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    return { bytes, mediaType: mediaTypeOf(bytes) };
  } catch {
    return undefined;
  }
}
export interface Preview {
  bytes: Uint8Array;
  mediaType: string;
}

/** Hands an image file over; the answer is the job that draws it. */
export async function submitJob(
  line: Line,
  bytes: Uint8Array,
  options: PartialBridgeOptions,
): Promise<JobStatus> {
  const headers = { 'content-type': mediaTypeOf(bytes) };
  const answer = await call(line, `/v1/jobs${queryOf(options)}`, { method: 'POST', headers, body: bytes });
  return (await answer.json()) as JobStatus;
}

export async function askJob(line: Line, id: string): Promise<JobStatus> {
  return (await (await call(line, `/v1/jobs/${id}`)).json()) as JobStatus;
}

export async function loadResult(line: Line, id: string): Promise<Uint8Array> {
  return new Uint8Array(await (await call(line, `/v1/jobs/${id}/result?picture=0`)).arrayBuffer());
}

export async function cancelJob(line: Line, id: string): Promise<void> {
  await call(line, `/v1/jobs/${id}`, { method: 'DELETE' });
}

/** `?style=ink&strength=0.5`; the sandbox has no URLSearchParams. */
export function queryOf(options: PartialBridgeOptions): string {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const pairs = given.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return pairs.length === 0 ? '' : '?' + pairs.join('&');
}

async function list<Row>(line: Line, name: 'styles' | 'options'): Promise<Row[]> {
  const answer: unknown = await (await call(line, `/v1/${name}`)).json();
  return (Array.isArray(answer) ? answer : (answer as Record<string, unknown>)[name]) as Row[];
}

async function call(
  { fetch, token }: Line,
  path: string,
  request: NarrowRequest = {},
): Promise<NarrowResponse> {
  const known: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await reach(fetch, BRIDGE_URL + path, {
    ...request,
    headers: { ...request.headers, ...known },
  });
  if (!answer.ok) throw await failureOf(answer);
  return answer;
}

/** The sandbox's fetch rejects with plain objects that say little: whatever it is, the bridge was not reached. */
async function reach(fetch: NarrowFetch, url: string, request: NarrowRequest): Promise<NarrowResponse> {
  try {
    return await fetch(url, request);
  } catch {
    throw new BridgeFailure({ code: 'unreachable', message: 'The bridge cannot be reached' });
  }
}

async function failureOf(answer: NarrowResponse): Promise<BridgeFailure> {
  const told = (await answer.json().catch(() => ({}))) as Partial<Failure> & { error?: unknown };
  const failure = (typeof told.error === 'object' ? told.error : told) as Partial<Failure> | null;
  const { code = CODES[answer.status] ?? 'internal', hint } = failure ?? {};
  const message = failure?.message ?? `The bridge answered with status ${answer.status}`;
  const retryAfterS = Number(answer.headersObject['retry-after']);
  return new BridgeFailure({ code, message, hint }, retryAfterS > 0 ? retryAfterS : undefined);
}
/** For answers that are not the bridge's own, such as those of a proxy. */
const CODES: Record<number, string> = {
  401: 'unauthorised',
  403: 'forbidden',
  404: 'not-found',
  429: 'busy',
};
