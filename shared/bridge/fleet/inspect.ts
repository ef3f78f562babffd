// Looks at a queue in Redis from outside, beside a bridge that may run: for the commands of `nigaoe queue`.

import { type FleetStatus, takeCensus } from './census.js';
import { closeGate, openGate } from './gate.js';
import { type FailedDrawing, failedDrawings, type Retried, retryDrawings } from './given-up.js';
import { type FleetSettings, openToLook } from './open.js';

/** What may be asked of a queue in Redis, and done to it, without being its bridge. */
export interface Inspector {
  status(): Promise<FleetStatus>;
  /** Drawings that were given up, the latest first. */
  failed(): Promise<FailedDrawing[]>;
  /** Has them drawn again, one by one as it is iterated; those of which this cannot be are told, and stay. */
  retry(ids: readonly string[] | 'all'): AsyncGenerator<Retried>;
  /** Closes the queue to new orders; since when it is, ISO 8601 in UTC. */
  closeOrders(): Promise<string>;
  /** Takes orders again; false where they were taken. */
  openOrders(): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * Connects to a queue without taking hold of it.
 * @throws what `openEngine` throws, `not-found` for a folder of `blobs` that is not there
 */
export async function openInspector(settings: FleetSettings): Promise<Inspector> {
  const base = await openToLook(settings);
  const { engine, keys } = base;
  return {
    status: () => takeCensus(engine.redis, keys),
    failed: () => failedDrawings(base),
    retry: (ids) => retryDrawings(base, ids),
    closeOrders: () => closeGate(engine.redis, keys),
    openOrders: () => openGate(engine.redis, keys),
    close: () => engine.close(),
  };
}
