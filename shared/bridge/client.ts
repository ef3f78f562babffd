// The client of the bridge, over `fetch` and nothing else: for Node.js, browsers and Node-RED alike.

import { expected, NigaoeError } from '../errors.js';
import { callBridge, type Line, readBytes, readJson } from './client/call.js';
import { strangerAt } from './client/failed.js';
import { askJob, cancelJob, followJob, type SubmitOptions, submitJob } from './client/job.js';
import {
  API_VERSION,
  DEFAULT_PORT,
  type DeviceInfo,
  type Health,
  type JobStatus,
  type OptionInfo,
  type PairAnswer,
  type PairingInfo,
  type PictureInfo,
  type ResultInfo,
  type StyleInfo,
} from './protocol.js';

export type { SubmitOptions } from './client/job.js';

export interface ClientOptions {
  /** Default: `http://localhost:8826`. */
  url?: string;
  /** From `pair`; may be left out for `health` and `pair`. */
  token?: string;
  /** In place of the global one. */
  fetch?: typeof fetch;
  /** How often a call is repeated that met no bridge or a busy one; default 4, 0: never. */
  retries?: number;
  /** First pause before a repetition in milliseconds, doubling with each; default 250. `Retry-After` can only lengthen it. */
  backOffMs?: number;
}

/** A picture with its file. */
export interface DrawnPicture extends Omit<PictureInfo, 'bytes'> {
  bytes: Uint8Array;
}

export interface ThumbnailOptions {
  /** Which picture, from 0; default 0. */
  index?: number;
  /** Longer side in pixels, 16 to 1024; default 200. */
  sidePx?: number;
  signal?: AbortSignal;
}

/** What a photo became. */
export interface Drawn {
  /** The job, whose pictures the bridge still keeps for a while. */
  id: string;
  /** One, or with scope portrait one per face, left to right. */
  pictures: DrawnPicture[];
  info: ResultInfo;
}

export interface StylizeCall extends SubmitOptions {
  /** Told each time the bridge has been asked, while the job waits or runs. */
  onProgress?: (status: JobStatus) => void;
}

/**
 * Speaks to one bridge with one token. Calls throw NigaoeError: what the bridge answered, `unreachable` where none did,
 * `unauthorised` for a token that it does not know, `cancelled` after the signal.
 */
export interface BridgeClient {
  /** Who is there; throws `unreachable` for another program, or a bridge of another age. */
  health(): Promise<Health>;
  /** Trades a pairing code for a token; `name` is what the list of tokens calls this program. */
  pair(code: string, name: string): Promise<PairAnswer>;
  /** The code for other programs; only the bridge's own page may ask. */
  pairing(): Promise<PairingInfo>;
  styles(): Promise<StyleInfo[]>;
  /** The file of a small picture that the style drew. */
  preview(style: string): Promise<Uint8Array>;
  options(): Promise<OptionInfo[]>;
  devices(): Promise<DeviceInfo[]>;
  /** Hands a photo over; the job is then followed with `status`. */
  submit(bytes: Uint8Array, order?: SubmitOptions): Promise<JobStatus>;
  status(id: string): Promise<JobStatus>;
  /** A picture of a job that is done. */
  picture(id: string, index?: number, signal?: AbortSignal): Promise<Uint8Array>;
  /** A small JPEG of such a picture, for lists and editors. */
  thumbnail(id: string, options?: ThumbnailOptions): Promise<Uint8Array>;
  cancel(id: string): Promise<JobStatus>;
  /** The whole way: hands a photo over, follows the job, fetches its pictures. */
  stylize(bytes: Uint8Array, call?: StylizeCall): Promise<Drawn>;
}

/** Throws `options` for an address that is none. Nothing is sent yet. */
export function openClient({
  url = `http://localhost:${DEFAULT_PORT}`,
  token,
  fetch: ownFetch,
  retries = 4,
  backOffMs = 250,
}: ClientOptions = {}): BridgeClient {
  // Browsers refuse a `fetch` that is called as a method of something else.
  const line: Line = {
    url: parseUrl(url),
    token,
    fetch: ownFetch ?? ((...call) => fetch(...call)),
    retries,
    backOffMs,
    followed: 0,
  };
  return {
    health: () => askHealth(line),
    pair: (code, name) => pair(line, code, name),
    pairing: () => ask<PairingInfo>(line, '/v1/pairing'),
    styles: () => ask<StyleInfo[]>(line, '/v1/styles'),
    preview: (style) => fetchBytes(line, `/v1/styles/${encodeURIComponent(style)}/preview`),
    options: () => ask<OptionInfo[]>(line, '/v1/options'),
    devices: () => ask<DeviceInfo[]>(line, '/v1/devices'),
    submit: (bytes, order = {}) => submitJob(line, bytes, order),
    status: (id) => askJob(line, id),
    picture: (id, index = 0, signal) => fetchBytes(line, pathOf(id, index), signal),
    thumbnail: (id, { index = 0, sidePx = 200, signal } = {}) =>
      fetchBytes(line, `${pathOf(id, index)}&thumbnail=${sidePx}`, signal),
    cancel: (id) => cancelJob(line, id),
    stylize: (bytes, call = {}) => stylize(line, bytes, call),
  };
}

async function stylize(line: Line, bytes: Uint8Array, call: StylizeCall): Promise<Drawn> {
  const { id, result } = await followJob(line, await submitJob(line, bytes, call), call);
  if (result === undefined) throw strangerAt(line.url, 'a program that does not tell what it drew');
  const files = await Promise.all(
    result.pictures.map((_, index) => fetchBytes(line, pathOf(id, index), call.signal)),
  );
  const pictures = result.pictures.map((picture, index) => ({ ...picture, bytes: files[index] }));
  return { id, pictures, info: result };
}

const pathOf = (id: string, index: number): string =>
  `/v1/jobs/${encodeURIComponent(id)}/result?picture=${index}`;

const fetchBytes = (line: Line, path: string, signal?: AbortSignal): Promise<Uint8Array> =>
  callBridge(line, { path, read: readBytes, signal });

async function askHealth(line: Line): Promise<Health> {
  const health = await ask<Partial<Health>>(line, '/health');
  if (health?.name !== 'nigaoe') throw strangerAt(line.url, 'another program');
  if (health.apiVersion === API_VERSION) return health as Health;
  const message = `Expected version ${API_VERSION} of the bridge's interface at ${line.url} but it speaks version ${health.apiVersion}`;
  throw new NigaoeError('unreachable', message, { hint: 'Update nigaoe and this program.' });
}

async function pair(line: Line, code: string, name: string): Promise<PairAnswer> {
  // People write codes in two groups.
  const digits = code.trim().replace(/^(\d{3})[\s-](\d{3})$/, '$1$2');
  const answer = await callBridge(line, {
    path: '/pair',
    read: readJson<Partial<PairAnswer>>,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code: digits, name }),
    once: true,
  });
  if (answer?.token === undefined) throw strangerAt(line.url, 'another program');
  return answer as PairAnswer;
}

const ask = <Answer>(line: Line, path: string): Promise<Answer> =>
  callBridge(line, { path, read: readJson<Answer> });

/** The address without a slash at its end: people paste it with one. */
function parseUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol))
    throw expected('a web address', 'url', url, `Such as http://localhost:${DEFAULT_PORT}.`);
  return parsed.origin + parsed.pathname.replace(/\/+$/, '');
}
