// A client whose failures say what the user of an engine can do; the client's own words are for one who started a bridge.

import type { BridgeClient } from '../../shared/bridge/client.js';
import type { NigaoeError } from '../../shared/errors.js';
import { failureFrom } from './failure.js';

/** The same calls; what they throw is told by `retell`. */
export function retelling(client: BridgeClient, retell: (failure: NigaoeError) => NigaoeError): BridgeClient {
  const calls = Object.entries(client) as [string, (...given: unknown[]) => Promise<unknown>][];
  const told = calls.map(([name, call]) => [
    name,
    (...given: unknown[]) =>
      call(...given).catch((error: unknown) => {
        throw retell(failureFrom(error));
      }),
  ]);
  return Object.fromEntries(told) as BridgeClient;
}
