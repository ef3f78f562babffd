// One call of the bridge: repeated with back-off while it can be repeated, and every failure a NigaoeError.

import { NigaoeError, throwIfCancelled } from '../../errors.js';
import { failureOf, strangerAt, unreachable } from './failed.js';
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
  /** Jobs that are followed at the moment: the more they are, the less often the bridge is asked for each. */
  followed: number;
}

export interface Call<Value> {
  /** From the slash on. */
  path: string;
  /** Takes what is wanted out of the answer; what it throws besides NigaoeError is a broken connection. */
  read: (answer: Response, line: Line) => Promise<Value>;
  method?: 'GET' | 'POST' | 'DELETE';
  headers?: Record<string, string>;
  body?: Uint8Array | string;
  /** Cuts the call off. */
  signal?: AbortSignal;
  /** Has the call not be repeated any more; a try that is on its way goes on. */
  lastTry?: AbortSignal;
  /** A call that must not happen twice is not repeated. */
  once?: boolean;
}

/** What an answer holds that the bridge means: all others are thrown. */
export async function callBridge<Value>(line: Line, call: Call<Value>): Promise<Value> {
  const retries = call.once === true ? 0 : line.retries;
  for (let tried = 0; ; tried++) {
    const attempt = await tryOnce(line, call);
    if ('value' in attempt) return attempt.value;
    const { error, pauseMs } = attempt;
    if (pauseMs === undefined || tried >= retries || pauseMs > LONGEST_PAUSE_MS) throw error;
    await waitMs(Math.max(pauseMs, backOff(line, tried)), call.signal ?? call.lastTry);
  }
}
/** A bridge that asks for a longer pause is busy beyond what a caller should wait for unasked. */
const LONGEST_PAUSE_MS = 60_000;
/** A local bridge takes and gives even a large photo in far less; a call that hangs longer has lost its other end. */
const CALL_TIMEOUT_MS = 120_000;

/** The file of an answer. */
export async function readBytes(answer: Response): Promise<Uint8Array> {
  return new Uint8Array(await answer.arrayBuffer());
}

/** The JSON of an answer; throws `unreachable` for what is none: the bridge does not say such a thing. */
export async function readJson<Value>(answer: Response, { url }: Line): Promise<Value> {
  const text = await answer.text();
  try {
    return JSON.parse(text) as Value;
  } catch {
    throw strangerAt(url, 'another program');
  }
}

interface Missed {
  error: NigaoeError;
  /** At least so long before the next try; undefined where none can help. */
  pauseMs?: number;
}
type Attempt<Value> = { value: Value } | Missed;

/** One try, from the request to the last byte of its answer. */
async function tryOnce<Value>(line: Line, call: Call<Value>): Promise<Attempt<Value>> {
  throwIfCancelled(call.signal);
  const timeout = AbortSignal.timeout(CALL_TIMEOUT_MS);
  try {
    return await unlessCancelled(exchange(line, call, timeout), call.signal);
  } catch (error) {
    throwIfCancelled(call.signal);
    if (error instanceof NigaoeError) return { error };
    return { error: unreachable(line.url, error), pauseMs: timeout.aborted ? undefined : 0 };
  }
}

async function exchange<Value>(line: Line, call: Call<Value>, timeout: AbortSignal): Promise<Attempt<Value>> {
  const answer = await line.fetch(line.url + call.path, request(line, call, timeout));
  return answer.ok ? { value: await call.read(answer, line) } : refusal(line, answer);
}

function request({ token }: Line, call: Call<unknown>, timeout: AbortSignal): RequestInit {
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

async function refusal(line: Line, answer: Response): Promise<Missed> {
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
