// A house for the end-to-end test: cameras, a broker with a listener, and Node-RED between them.

import { existsSync, readFileSync } from 'node:fs';
import sharp from 'sharp';
import { endToEndFlow, LOGIN, noteFile } from './end-to-end-flow.js';
import { Broker, type Heard } from './fixtures/broker.js';
import type { Edition } from './fixtures/editions.js';
import { FakeCamera, type FakeCameraOptions } from './fixtures/fake-camera.js';
import { PackedNodeRed } from './fixtures/packed-node-red.js';
import { until } from './helper.js';

/** What a Catch node hears of a failure. */
export interface Caught {
  message: string;
  code: string;
  source: { id: string };
}

const AUTH: FakeCameraOptions = { auth: { scheme: 'digest', ...LOGIN, algorithm: 'SHA-256' } };
/** Large frames take about a second to draw, and are distinguished by as many places of their bright block. */
export const PLACES = 8;

export class House {
  readonly heard: Heard[];

  private constructor(
    readonly broker: Broker,
    readonly red: PackedNodeRed,
    readonly camera: FakeCamera,
    readonly large: FakeCamera,
    { heard }: { heard: Heard[] },
  ) {
    this.heard = heard;
  }

  static async open(test: Mocha.Context, edition: Edition): Promise<House> {
    const broker = await Broker.start(test);
    const frames = await Promise.all(Array.from({ length: PLACES }, (_, place) => largeFrame(place)));
    const [camera, large, nowhere] = [
      await FakeCamera.open(AUTH),
      await FakeCamera.open({ ...AUTH, frames }),
      await FakeCamera.openOff(),
    ];
    const red = await PackedNodeRed.start(edition).catch(async (error: unknown) => {
      for (const one of [camera, large]) await one.off();
      await broker.end();
      throw error;
    });
    const house = new House(broker, red, camera, large, { heard: await broker.listen() });
    const parts = { folder: red.folder, brokerPort: broker.port, camera, large, nowhere: nowhere.url() };
    await red.deploy(endToEndFlow(parts));
    return house;
  }

  async close(): Promise<void> {
    await this.red.clear();
    await this.camera.off();
    await this.large.off();
    await this.broker.end();
  }

  /** Has a camera asked for a snapshot. */
  async shoot(camera: 'shot' | 'large' | 'locked' | 'off'): Promise<void> {
    const { ok, status } = await this.red.fetch(`/test/${camera}`);
    if (!ok) throw new Error(`Node-RED answers ${status}`);
  }

  /** All that was heard under a topic. */
  under(topic: string): Buffer[] {
    return this.heard.filter((one) => one.topic === topic).map(({ payload }) => payload);
  }

  /** Does something that ends in a picture at the broker, and gets it. */
  async nextPicture(act: () => Promise<unknown>): Promise<Buffer> {
    const before = this.pictures().length;
    await act();
    await until('a picture at the broker', () => this.pictures().length > before, 30_000);
    return this.pictures()[before];
  }

  /** Does something that fails, and gets what the Catch node heard of it. */
  async nextCaught(act: () => Promise<unknown>): Promise<Caught> {
    const before = this.caught().length;
    await act();
    await until('a failure at the Catch node', () => this.caught().length > before, 30_000);
    return this.caught()[before];
  }

  pictures(): Buffer[] {
    return this.under('nigaoe/front-door/image');
  }

  caught(): Caught[] {
    return this.#notes('caught');
  }

  /** Of the stylize node. */
  statuses(): { fill?: string; text?: string }[] {
    return this.#notes('statuses');
  }

  /** How many messages the stylize node is done with. */
  completed(): number {
    return this.#lines('completed').length;
  }

  #notes<Note>(name: string): Note[] {
    return this.#lines(name).map((line) => JSON.parse(line) as Note);
  }

  #lines(name: string): string[] {
    const file = noteFile(this.red.folder, name);
    // The last line may be half written.
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  }
}

/** A JPEG of about a megabyte: noise, with a bright block at one of the places from left to right. */
async function largeFrame(place: number): Promise<Buffer> {
  const [width, height] = [1600, 1200];
  const noise = { type: 'gaussian', mean: 80, sigma: 40 } as const;
  const block = { width: width / PLACES, height: height / 2, channels: 3, background: '#fff' } as const;
  const at = { left: (place * width) / PLACES, top: height / 4 };
  return sharp({ create: { width, height, channels: 3, background: '#000', noise } })
    .composite([{ input: { create: block }, ...at }])
    .jpeg({ quality: 90 })
    .toBuffer();
}

/** Where the bright block of a picture is, drawn or not: 0 is leftmost. */
export async function placeIn(picture: Uint8Array): Promise<number> {
  const row = await sharp(picture)
    .greyscale()
    .resize(PLACES, 4, { fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer();
  const middle = [...row.subarray(PLACES, 2 * PLACES)];
  return middle.indexOf(Math.max(...middle));
}

/** Memory that the process holds, in bytes. */
export function residentBytes(pid: number): number {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) * 1024;
}
