// A worker of this machine: what it has, and a process for each job that it draws at a time.

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { expected } from '../../errors.js';
import { type IsolatedStylizer, openIsolatedStylizer } from '../../isolated.js';
import { isStyle, type ModelEntry } from '../../models/entry.js';
import { allEntries } from '../../models/store/installed.js';
import { type ModelStore, openStore } from '../../models/store/store.js';
import type { Device } from '../../options.js';
import type { Stylizer } from '../../stylizer.js';
import { VERSION } from '../../version.js';
import { DEFAULT_LIMITS } from '../limits.js';
import { infoOf, isReady } from '../orders/models.js';
import { wordStylizer } from '../wording.js';
import { hashOf } from './keys.js';
import type { WorkerCard } from './needs.js';
import { type FleetSettings, openBase } from './open.js';
import { type DrawnEvent, openWorker } from './worker.js';

export interface DrawingWorkerOptions {
  fleet: FleetSettings;
  /** Where its models lie. Default: as everywhere. */
  home?: string | undefined;
  /** Jobs that it draws at a time, each in a process of its own. */
  concurrency: number;
  /** Ids of styles that it draws with. Default: all that are ready. */
  styles?: readonly string[] | undefined;
  /** For jobs that leave it to the worker. Default `auto`. */
  device: Device;
  /** Devices that work here. */
  devices: readonly string[];
  onDrawn?: (event: DrawnEvent) => void;
  onNotice?: (sentence: string) => void;
}

export interface DrawingWorker {
  readonly card: Pick<WorkerCard, 'id' | 'models' | 'devices'>;
  /** Drawings that it is at. */
  readonly busy: number;
  /** Finishes what it has and takes nothing new. */
  drain(): Promise<void>;
}

/**
 * Connects, signs in and draws.
 * @throws what `openBase` throws, `options` for a style that is not ready
 */
export async function openDrawingWorker(options: DrawingWorkerOptions): Promise<DrawingWorker> {
  const { fleet, home, concurrency, device, onDrawn, onNotice } = options;
  const card = await cardOf(openStore(home === undefined ? {} : { home }), options);
  const base = await openBase(fleet);
  const stylizers: IsolatedStylizer[] = [];
  for (let hand = 0; hand < concurrency; hand++)
    stylizers.push(await openIsolatedStylizer(home === undefined ? {} : { store: { home } }));
  const worker = await openWorker({
    ...base,
    card,
    stylizers: stylizers.map((stylizer) => preferring(device, wordStylizer(stylizer, DEFAULT_LIMITS))),
    ...(onDrawn === undefined ? {} : { onDrawn }),
    ...(onNotice === undefined ? {} : { onNotice }),
  });
  return {
    card,
    get busy() {
      return worker.busy;
    },
    async drain() {
      await worker.drain();
      for (const stylizer of stylizers) await stylizer.close();
      await base.engine.close();
    },
  };
}

/** What it tells the bridge of itself. */
async function cardOf(
  store: ModelStore,
  { styles, devices }: Pick<DrawingWorkerOptions, 'styles' | 'devices'>,
): Promise<Omit<WorkerCard, 'hands' | 'busy' | 'isDraining'>> {
  const entries = await allEntries(store);
  const ready: ModelEntry[] = [];
  for (const entry of entries) if (await isReady(store, entry)) ready.push(entry);
  for (const id of styles ?? []) checkStyle(id, ready);
  const offered = ready.filter((entry) => !isStyle(entry) || (styles?.includes(entry.id) ?? true));
  return {
    id: randomUUID(),
    host: hostname(),
    pid: process.pid,
    version: VERSION,
    models: Object.fromEntries(offered.map((entry) => [entry.id, contentOf(entry)])),
    styles: await Promise.all(offered.filter(isStyle).map((entry) => infoOf(store, entry))),
    devices: [...devices],
    startedAt: new Date().toISOString(),
  };
}

function checkStyle(id: string, ready: readonly ModelEntry[]): void {
  if (ready.some((entry) => isStyle(entry) && entry.id === id)) return;
  const ids = ready.filter(isStyle).map((entry) => entry.id);
  throw expected(
    `styles that are ready here (${ids.join(', ')})`,
    '--styles',
    id,
    `Run \`nigaoe models pull ${id}\` on this computer first.`,
  );
}

/** Equal for the same files; entries that name no hashes are told apart by what they say. */
const contentOf = (entry: ModelEntry): string => hashOf(Buffer.from(JSON.stringify(entry)));

/** Jobs that leave the device open are drawn on the worker's. */
function preferring(device: Device, stylizer: Stylizer): Stylizer {
  return {
    stylize: (bytes, options = {}, run) =>
      stylizer.stylize(
        bytes,
        options.device === undefined || options.device === 'auto' ? { ...options, device } : options,
        run,
      ),
    close: () => stylizer.close(),
  };
}
