// An own bridge: the installed core, started as a process of this computer that serves nobody else.

import { unlessCancelled } from '../../shared/bridge/client/wait.js';
import { openClient } from '../../shared/bridge/client.js';
import { NigaoeError } from '../../shared/errors.js';
import { findCore, installLine } from './core.js';
import type { OpenBridge } from './kept.js';
import { OwnProcess, type OwnSettings } from './own-process.js';
import type { PauseRules } from './pauses.js';
import { retelling } from './retold.js';
import { openScout, untilSilent, type WatchRules } from './watch.js';

/** Where to look for the core. */
export interface CorePlaces {
  /** Node-RED's user folder, where the core is installed. */
  userDir: string | undefined;
  /** The folder of these nodes. */
  here: string;
}

/** A crash is over in a second; a core that cannot start is not asked more often than each minute. */
export const OWN_PAUSES: PauseRules = { firstMs: 1_000, longestMs: 60_000, soundMs: 60_000 };

/** Minutes of silence: a computer that swaps is slow, and a restart would take its job away. */
const WATCH: WatchRules = { everyMs: 30_000, misses: 4 };

/** To listen: a small computer takes seconds to load it. */
const START_MS = 60_000;

/**
 * Starts an own bridge and waits until it answers.
 * @throws NigaoeError `not-found` without a core, `unreachable` with its last words when it ends or stays silent
 */
export async function openOwn(
  places: CorePlaces,
  settings: OwnSettings,
  signal: AbortSignal,
): Promise<OpenBridge> {
  const core = findCore(places.userDir, places.here);
  const own = new OwnProcess(core, settings);
  try {
    const url = `http://127.0.0.1:${await inTime(own.port, signal)}`;
    const client = openClient({ url, token: own.token });
    await unlessCancelled(client.health(), signal);
    return { client: retelling(client, lost), ...lookAfter(own, url) };
  } catch (error) {
    await own.close();
    throw explained(error, places, core.version);
  }
}

/** Of a bridge that answered before: nobody has to start it, and its address is nobody's business. */
function lost(failure: NigaoeError): NigaoeError {
  const { code, cause } = failure;
  if (code !== 'unreachable') return failure;
  return new NigaoeError(code, 'Expected the engine to answer but it has ended or hangs', {
    hint: 'It is started again: try once more in a moment.',
    cause,
  });
}

/** Lost is a process that has ended, and one that hangs. */
function lookAfter(own: OwnProcess, url: string): Pick<OpenBridge, 'lost' | 'close'> {
  const end = new AbortController();
  const scout = openScout({ url });
  const silent = untilSilent(() => scout.health(), WATCH, end.signal);
  return {
    lost: Promise.race([own.ended, silent]),
    close: async () => {
      end.abort();
      await own.close();
    },
  };
}

async function inTime(port: Promise<number>, signal: AbortSignal): Promise<number> {
  const limit = AbortSignal.timeout(START_MS);
  try {
    return await unlessCancelled(port, AbortSignal.any([signal, limit]));
  } catch (error) {
    if (!limit.aborted) throw error;
    const seconds = START_MS / 1000;
    throw new NigaoeError('unreachable', `The engine's own bridge did not listen within ${seconds} s`);
  }
}

/** A core that does not know these flags, or speaks another version of the interface, is an old one. */
function explained(error: unknown, { userDir }: CorePlaces, version: string): unknown {
  const old = error instanceof NigaoeError && /unknown option|interface/.test(error.message);
  if (!old) return error;
  const message = `Expected a core that these nodes know but version ${version} is another: ${error.message}`;
  return new NigaoeError('unreachable', message, { hint: `Run: ${installLine(userDir)}`, cause: error });
}
