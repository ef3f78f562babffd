// The names of everything that lies in Redis.

import { createHash } from 'node:crypto';

export const DEFAULT_SPACE = 'nigaoe';

/** The keys of one space. */
export interface Keys {
  /** Before the keys of BullMQ's queues. */
  lanes: string;
  /** Hash: every lane that was ever used, with what its jobs need. */
  laneNeeds: string;
  /** List: grows by one with each job of a lane; a worker that waits takes one off. */
  bell(lane: string): string;
  /** Set: ids of workers. */
  workers: string;
  /** A worker's card; it expires soon after its last sign of life. */
  worker(id: string): string;
  /** Hash: every job of the bridge. */
  jobs: string;
  /** Who holds the books. */
  bridge: string;
  /** There, with the time, where the queue takes no new orders. */
  closed: string;
  /** There where a drawing is no longer wanted. */
  dropped(drawing: string): string;
  blob(hash: string): string;
  /** Set: who still wants the blob. */
  holders(hash: string): string;
}

export function keysOf(space: string): Keys {
  return {
    lanes: `${space}:lane`,
    laneNeeds: `${space}:lanes`,
    bell: (lane) => `${space}:bell:${lane}`,
    workers: `${space}:workers`,
    worker: (id) => `${space}:worker:${id}`,
    jobs: `${space}:jobs`,
    bridge: `${space}:bridge`,
    closed: `${space}:closed`,
    dropped: (drawing) => `${space}:dropped:${drawing}`,
    blob: (hash) => `${space}:blob:${hash}`,
    holders: (hash) => `${space}:holders:${hash}`,
  };
}

/** The content address of a file. */
export const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64url');
