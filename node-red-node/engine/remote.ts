// A bridge on another computer, or one that somebody else started on this one: looked after, not owned.

import { unlessCancelled } from '../../shared/bridge/client/wait.js';
import { type BridgeClient, openClient } from '../../shared/bridge/client.js';
import { codeOf, NigaoeError } from '../../shared/errors.js';
import { failureFrom } from './failure.js';
import type { OpenBridge } from './kept.js';
import type { PauseRules } from './pauses.js';
import { retelling } from './retold.js';
import { openScout, untilSilent, type WatchRules } from './watch.js';

export interface RemoteSettings {
  url: string;
  token: string | undefined;
}

/** A computer that is switched on again is found within a quarter of a minute. */
export const REMOTE_PAUSES: PauseRules = { firstMs: 1_000, longestMs: 15_000, soundMs: 60_000 };

/** A bridge that answers is looked at so often; one look without an answer is enough to say so. */
const WATCH: WatchRules = { everyMs: 30_000, misses: 1 };

/**
 * Finds the bridge and sees that it knows the token.
 * @throws NigaoeError `unreachable` or `unauthorised`, each with what to do; `options` for an address that is none
 */
export async function openRemote(settings: RemoteSettings, signal: AbortSignal): Promise<OpenBridge> {
  const scout = openScout(settings);
  await unlessCancelled(lookAt(scout), signal);
  const end = new AbortController();
  return {
    client: retelling(openClient(settings), explained),
    lost: untilSilent(() => lookAt(scout), WATCH, end.signal),
    close: async () => end.abort(),
  };
}

/** One look: is it there, is it a bridge, does it know the token? */
async function lookAt(scout: BridgeClient): Promise<void> {
  try {
    await scout.health();
    await scout.options();
  } catch (error) {
    throw explained(failureFrom(error));
  }
}

/** The failure with what to do on two computers; the client's own words are for one. */
function explained(failure: NigaoeError): NigaoeError {
  const { code, message, cause } = failure;
  if (code === 'unauthorised') return new NigaoeError(code, message, { hint: TOKEN_HINT, cause });
  // A stranger at the address has no cause: it answered.
  if (code !== 'unreachable' || cause === undefined) return failure;
  return new NigaoeError(code, `${message} (${causeOf(cause)})`, { hint: START_HINT, cause });
}
const TOKEN_HINT =
  'Make one with `nigaoe tokens create node-red` on that computer, and enter it in the engine.';
const START_HINT =
  'On that computer run `nigaoe tokens create node-red` and `nigaoe serve --host ITS-ADDRESS`, and let its firewall pass the port.';

/** What `fetch` hides behind `fetch failed`, such as ECONNREFUSED. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer in time';
  const { cause: inner } = error;
  return codeOf(inner) ?? (inner instanceof Error ? inner.message : error.message);
}
