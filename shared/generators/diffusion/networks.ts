// The networks of a folder, each opened when it is needed and closed when memory is short.

import { stat } from 'node:fs/promises';
import { totalmem } from 'node:os';
import path from 'node:path';
import type { RealDevice } from '../../models/device.js';
import { hasFloat16 } from '../../models/onnx/float32.js';
import { readOutline } from '../../models/onnx/outline.js';
import { readWidened } from '../../models/onnx/widened.js';
import { openSession, type Session } from '../../models/session.js';
import type { Device } from '../../options.js';
import { type DiffusionFolder, type NetworkName, networkPath } from './folder.js';

export interface NetworksOptions {
  device?: Device;
  requireDevice?: boolean;
  /** Whether one network at a time is held; default: where all together would take half of the memory. */
  oneAtATime?: boolean;
  /** Files that stand in for those of the folder. */
  instead?: Partial<Record<NetworkName, string>>;
}

/** Files of weights beside the graph. */
const WEIGHTS = ['model.onnx', 'model.onnx_data', 'weights.pb', 'model.onnx.data'];

/** Keeps sessions open as far as memory goes. */
export class Networks {
  readonly #folder: DiffusionFolder;
  readonly #options: NetworksOptions;
  readonly #open = new Map<NetworkName, Session>();
  /** Float16 networks that are computed in float32. */
  readonly #wide = new Set<NetworkName>();
  #device: RealDevice = 'cpu';

  constructor(folder: DiffusionFolder, options: NetworksOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  /** Where the last network ran. */
  get device(): RealDevice {
    return this.#device;
  }

  /** The session of a network, for use until the next call. */
  async get(name: NetworkName): Promise<Session> {
    const known = this.#open.get(name);
    if (known !== undefined) return known;
    if (await this.#isShort()) await this.close();
    const { device, requireDevice } = this.#options;
    const file = this.#fileOf(name);
    const session = await openSession(this.#wide.has(name) ? await readWidened(file) : { path: file }, {
      ...{ name: `${name} of ${this.#folder.root}`, device, requireDevice, hint: HINT },
    });
    this.#device = session.device;
    this.#open.set(name, session);
    return session;
  }

  /** Has a float16 network computed in float32 from here on. False where it is none, or is computed so already. */
  async widen(name: NetworkName): Promise<boolean> {
    if (this.#wide.has(name) || !hasFloat16(await readOutline(this.#fileOf(name)))) return false;
    this.#wide.add(name);
    await this.#open.get(name)?.close();
    this.#open.delete(name);
    return true;
  }

  #fileOf(name: NetworkName): string {
    return this.#options.instead?.[name] ?? networkPath(this.#folder.root, name);
  }

  async close(): Promise<void> {
    for (const session of this.#open.values()) await session.close();
    this.#open.clear();
  }

  async #isShort(): Promise<boolean> {
    if (this.#options.oneAtATime !== undefined) return this.#options.oneAtATime;
    return (await bytesOf(this.#folder)) > totalmem() / 2;
  }
}

const HINT = 'Draw smaller, or close other programs: Stable Diffusion takes gigabytes.';

/** Bytes of these networks, all by default, and of their weights. */
export async function bytesOf(
  { root, has }: DiffusionFolder,
  names: readonly NetworkName[] = [...has],
): Promise<number> {
  const files = names.flatMap((name) => WEIGHTS.map((file) => path.join(root, name, file)));
  const sizes = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
