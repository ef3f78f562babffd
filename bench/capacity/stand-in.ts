// Workers that draw nothing: what a fleet costs besides drawing.

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { openBase } from '../../shared/bridge/fleet/open.js';
import { type FleetWorker, openWorker } from '../../shared/bridge/fleet/worker.js';
import type { StylizeResult } from '../../shared/job.js';
import type { Stylizer } from '../../shared/stylizer.js';
import { resultOf } from '../../test/bridge/fleet/waiting-stylizer.js';

export interface StandIn {
  /** Each style is a lane of its own. */
  styles: readonly string[];
  hands: number;
  drawMs: number;
  pictureBytes: number;
}

/** A worker that waits as long as a drawing takes and hands over a picture of that many bytes, each another one. */
export async function openStandIn(
  base: Awaited<ReturnType<typeof openBase>>,
  { styles, hands, drawMs, pictureBytes }: StandIn,
): Promise<FleetWorker> {
  const id = randomUUID();
  let drawn = 0;
  const stylize = async (): Promise<StylizeResult> => {
    if (drawMs > 0) await delay(drawMs);
    return resultOf(pictureOf(`${id}/${drawn++}`, pictureBytes), 'stand-in');
  };
  const stylizer: Stylizer = { stylize, close: async () => undefined };
  return openWorker({
    ...base,
    card: cardOf(id, styles),
    stylizers: Array.from({ length: hands }, () => stylizer),
  });
}

/** As a worker with these styles tells of itself; hashes are as long as real ones. */
function cardOf(id: string, styles: readonly string[]) {
  const hash = 'f'.repeat(64);
  return {
    ...{ id, host: 'stand-in', pid: process.pid, version: '0.1.0' },
    models: Object.fromEntries(styles.map((style) => [style, hash])),
    styles: [],
    devices: ['cpu'],
    startedAt: new Date().toISOString(),
  };
}

/** Text that differs, as long as a real picture. */
function pictureOf(text: string, byteLength: number): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  bytes.set(Buffer.from(text).subarray(0, byteLength));
  return bytes;
}
