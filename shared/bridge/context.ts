// What the routes of one bridge work with.

import type { ModelStore } from '../models/store/store.js';
import type { FleetQueue } from './fleet/open.js';
import type { JobQueue } from './jobs/queue.js';
import type { BridgeLimits } from './limits.js';
import type { BridgeEvent } from './news.js';
import type { PairingDesk } from './pairing/desk.js';
import type { DeviceInfo } from './protocol.js';
import type { Names } from './security/names.js';
import type { TokenList } from './tokens/list.js';

export interface BridgeContext {
  queue: JobQueue;
  /** Who draws, where workers do. */
  fleet: Pick<FleetQueue, 'workers'> | undefined;
  tokens: TokenList;
  pairing: PairingDesk;
  store: ModelStore;
  limits: BridgeLimits;
  /** Tried until they have answered once, and then remembered. */
  devices(): Promise<DeviceInfo[]>;
  /** Known once the bridge listens. */
  names: Names;
  say(event: BridgeEvent): void;
}
