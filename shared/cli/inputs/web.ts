// A photo from an http(s) address, with a limit on its size and on the time it takes.

import { codeOf, NigaoeError, throwIfCancelled } from '../../errors.js';
import { readStoreSettings } from '../../models/store/settings.js';
import { collectBytes, tooLarge } from './collect.js';

const MOST_BYTES = 200e6;
const TIMEOUT_MS = 30_000;

/** Fetches a photo; throws `photo-unreadable`, `photo-too-large`, `options` (offline) or `cancelled`. */
export async function fetchPhoto(url: string, signal: AbortSignal): Promise<Uint8Array> {
  if (readStoreSettings().offline)
    throw new NigaoeError('options', `Expected the network for ${url} but NIGAOE_OFFLINE forbids it`, {
      hint: 'Unset NIGAOE_OFFLINE, or download the photo yourself.',
    });
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    return await download(url, AbortSignal.any([signal, timeout]));
  } catch (error) {
    throwIfCancelled(signal);
    if (timeout.aborted) throw unreachable(url, `it took more than ${TIMEOUT_MS / 1000} s`, error);
    throw error instanceof NigaoeError ? error : unreachable(url, reasonOf(error), error);
  }
}

async function download(url: string, signal: AbortSignal): Promise<Uint8Array> {
  const response = await fetch(url, { signal, headers: { accept: 'image/*' } });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw unreachable(url, `the server answers ${response.status} ${response.statusText}`.trimEnd());
  }
  if (Number(response.headers.get('content-length') ?? 0) > MOST_BYTES) {
    await response.body.cancel();
    throw tooLarge(url, MOST_BYTES);
  }
  return collectBytes(response.body, { mostBytes: MOST_BYTES, name: url, signal });
}

function unreachable(url: string, reason: string, cause?: unknown): NigaoeError {
  return new NigaoeError('photo-unreadable', `Expected a photo at ${url} but ${reason}`, {
    hint: 'Check the address in a browser, or download the photo yourself.',
    cause,
  });
}

/** fetch says only "fetch failed"; the reason lies in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return `the connection fails (${codeOf(cause) ?? (cause instanceof Error ? cause.message : String(cause))})`;
}
