// A bridge's queue, one worker with a scripted stylizer, and a view of both from outside, in a space of their own.

import { randomUUID } from 'node:crypto';
import { type Inspector, openInspector } from '../../../shared/bridge/fleet/inspect.js';
import {
  type FleetQueue,
  type FleetSettings,
  openBase,
  openFleetQueue,
} from '../../../shared/bridge/fleet/open.js';
import { type FleetWorker, openWorker } from '../../../shared/bridge/fleet/worker.js';
import type { JobStatus } from '../../../shared/bridge/protocol.js';
import type { PartialOptions } from '../../../shared/options.js';
import { ME, PHOTO, until } from '../jobs/contract/rig.js';
import { ScriptedStylizer } from '../jobs/scripted-stylizer.js';

export class SmallFleet {
  readonly stylizer = new ScriptedStylizer();

  private constructor(
    readonly settings: FleetSettings,
    readonly base: Awaited<ReturnType<typeof openBase>>,
    readonly queue: FleetQueue,
    readonly inspector: Inspector,
    private worker?: FleetWorker,
  ) {}

  static async open(place: Pick<FleetSettings, 'url' | 'blobs'>): Promise<SmallFleet> {
    const settings = { ...place, space: randomUUID() };
    const base = await openBase(settings);
    const queue = await openFleetQueue(settings);
    const fleet = new SmallFleet(settings, base, queue, await openInspector(settings));
    const card = {
      ...{ id: randomUUID(), host: 'studio', pid: 7, version: '1.2.3' },
      ...{ models: { ink: 'built in', hayao: 'one' }, devices: ['cpu'], styles: [] },
      startedAt: new Date().toISOString(),
    };
    fleet.worker = await openWorker({ ...base, card, stylizers: [fleet.stylizer] });
    return fleet;
  }

  /** The flags with which commands find it. */
  get flags(): string[] {
    const { url, space = '', blobs } = this.settings;
    return ['--queue', url, '--space', space, ...(blobs === undefined ? [] : ['--blobs', blobs])];
  }

  order(options: PartialOptions = {}, name?: string): Promise<JobStatus> {
    const named = name === undefined ? {} : { name };
    return this.queue.submit({ bytes: PHOTO, options, owner: ME, ...named });
  }

  async stateOf({ id }: JobStatus): Promise<string> {
    return (await this.queue.status(id, ME)).state;
  }

  /** An order over which the stylizer fails until it is given up. */
  async poison(options: PartialOptions = {}, name = 'poison.jpg'): Promise<JobStatus> {
    const job = await this.order(options, name);
    for (let tries = 0; tries < 3; tries++) (await this.stylizer.next()).fail(new Error('broken'));
    await until(async () => (await this.stateOf(job)) === 'failed');
    return job;
  }

  async close(): Promise<void> {
    await this.inspector.close();
    await this.queue.close();
    await this.worker?.close();
    await this.base.engine.close();
  }
}
