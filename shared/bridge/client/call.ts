// One call of the bridge: repeated with back-off while it can be repeated, and every failure a NigaoeError.

import { type NigaoeError, throwIfCancelled } from '../../errors.js';
import { failureOf, unreachable } from './failed.js';
import { unlessCancelled, waitMs } from './wait.js';

/** Where calls go, and how patient they are. */
export interface Line {
  /** Without a slash at the end. */
  url: string;
  token: string | undefined;
  fetch: typeof fetch;
  /** How often a call is repeated. */
  retries: number;
  /** First pause before a repetition; it doubles with each. */
  backOffMs: number;
}

export interface Call {
  method?: 'GET' | 'POST' | 'DELETE';
  headers?: Record<string, string>;
  body?: Uint8Array | string;
  signal?: AbortSignal;
  /** A call that must not happen twice is not repeated. */
  once?: boolean;
}

/** An answer that the bridge means: all others are thrown. */
export async function callBridge(line: Line, path: string, call: Call = {}): Promise<Response> {
  const retries = call.once === true ? 0 : line.retries;
  for (let tried = 0; ; tried++) {
    const { answer, error, pauseMs } = await tryOnce(line, path, call);
    if (answer !== undefined) return answer;
    if (pauseMs === undefined || tried >= retries || pauseMs > LONGEST_PAUSE_MS) throw error;
    await waitMs(Math.max(pauseMs, backOff(line, tried)), call.signal);
  }
}
/** A bridge that asks for a longer pause is busy beyond what a caller should wait for unasked. */
const LONGEST_PAUSE_MS = 60_000;
/** A local bridge takes even a large photo in far less; a call that hangs longer has lost its other end. */
const CALL_TIMEOUT_MS = 120_000;

interface Tried {
  answer?: Response;
  error?: NigaoeError;
  /** At least so long before the next try; undefined where none can help. */
  pauseMs?: number;
}

async function tryOnce(line: Line, path: string, call: Call): Promise<Tried> {
  throwIfCancelled(call.signal);
  const timeout = AbortSignal.timeout(CALL_TIMEOUT_MS);
  try {
    const answer = await unlessCancelled(
      line.fetch(line.url + path, request(line, call, timeout)),
      call.signal,
    );
    return answer.ok ? { answer } : await refusal(line, answer);
  } catch (error) {
    throwIfCancelled(call.signal);
    return { error: unreachable(line.url, error), pauseMs: timeout.aborted ? undefined : 0 };
  }
}

function request({ token }: Line, call: Call, timeout: AbortSignal): RequestInit {
  const { method = 'GET', headers, body, signal } = call;
  return {
    method,
    headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    // Bytes behind a shared buffer are no valid body; nobody has them here.
    body: body as string | Uint8Array<ArrayBuffer> | undefined,
    // The token goes to the bridge and nowhere else.
    redirect: 'error',
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
  };
}

async function refusal(line: Line, answer: Response): Promise<Tried> {
  const error = await failureOf(answer, line.url);
  return { error, pauseMs: error.code === 'busy' ? retryAfterMs(answer) : undefined };
}

/** `Retry-After` in seconds or as a date; 0 without one. */
function retryAfterMs(answer: Response): number {
  const told = answer.headers.get('retry-after');
  if (told === null) return 0;
  const seconds = Number(told);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(told) - Date.now();
  return Math.max(0, Number.isNaN(ms) ? 0 : ms);
}

/** Between half and all of a pause that doubles, so that clients that failed together do not return together. */
function backOff({ backOffMs }: Line, tried: number): number {
  return backOffMs * 2 ** tried * (0.5 + Math.random() / 2);
}
