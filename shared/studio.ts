// The open models that a job draws with: a finder and styles, opened when first needed and kept for the next job.

import { type FaceFinder, openFaceFinder } from './faces/finder.js';
import { parseLoraWish } from './generators/diffusion/loras.js';
import type { Generator, Run, Statistics } from './generators/generator.js';
import { openGenerator } from './generators/open.js';
import type { Canvas } from './generators/parts/canvas.js';
import type { RealDevice } from './models/device.js';
import type { Side } from './models/entry.js';
import { allEntries } from './models/store/installed.js';
import type { PullOptions } from './models/store/pull.js';
import type { ModelStore } from './models/store/store.js';
import { editionOfFile, isStyleFile, type StyleTraits, traitsOf } from './models/styles.js';
import { isDiffusion, type Options } from './options.js';
import type { Tensor } from './tensor.js';

type DrawRun = Pick<Run, 'signal' | 'onProgress' | 'onNotice' | 'statistics'>;

/** An open style with what the catalogue says of it. */
export interface OpenStyle {
  id: string;
  side: Side;
  device: RealDevice;
  deviceReason: string;
  /** How much of its drawings goes over the photo, 0..1. */
  mix: number;
  /** Draws as the job's options say. */
  draw(pixels: Tensor, run: DrawRun): Promise<Tensor>;
  /** See `Generator.study`. */
  study?(pixels: Tensor): Promise<Statistics>;
  /** See `Generator.paint`. */
  paint?(canvas: Canvas, run: DrawRun): Promise<boolean>;
}

/** Styles kept open at once: the style and the background of a job. */
const MOST_OPEN = 2;

/** Opens models on demand and keeps the last ones. */
export class Studio {
  readonly #store: ModelStore;
  readonly #generators = new Map<string, Generator>();
  #finder: { key: string; finder: FaceFinder } | undefined;

  constructor(store: ModelStore) {
    this.#store = store;
  }

  /** What the catalogue, or the user's own models, say of a style; throws `model-unknown`. */
  async traits(idOrPath: string): Promise<StyleTraits> {
    return traitsOf(idOrPath, await allEntries(this.#store));
  }

  /** The style, opened on the job's device. */
  async style(idOrPath: string, options: Options, pull: PullOptions): Promise<OpenStyle> {
    const { device, requireDevice, strength } = options;
    const lora = isDiffusion(idOrPath) ? options.lora : [];
    const files = [idOrPath, ...lora.map((each) => parseLoraWish(each).file)];
    const editions = await Promise.all(files.map((file) => this.#editionOf(file)));
    const key = JSON.stringify([idOrPath, lora, editions, device, requireDevice]);
    const generator =
      this.#generators.get(key) ??
      (await openGenerator(idOrPath, { ...pull, store: this.#store, device, requireDevice, lora }));
    await this.#keep(key, generator);
    const { prompt, negative, steps, guidance, sampler, seed } = options;
    const told = { prompt, negative, steps, guidance, sampler, seed, strength };
    const { id, side, deviceReason, redraws = false } = generator;
    return {
      ...{ id, side, deviceReason, mix: redraws ? 1 : strength },
      // Networks that are opened when they are needed may end up elsewhere.
      get device() {
        return generator.device;
      },
      draw: (pixels, run) => generator.generate(pixels, { ...told, ...run }),
      study: generator.study && ((pixels) => generator.study!(pixels)),
      paint: generator.paint && ((canvas, run) => generator.paint!(canvas, { ...told, ...run })),
    };
  }

  /** The face networks that the job asks for. */
  async finder({ detector, landmarker }: Options, pull: PullOptions): Promise<FaceFinder> {
    const key = JSON.stringify([detector, landmarker]);
    if (this.#finder?.key === key) return this.#finder.finder;
    await this.#finder?.finder.close();
    this.#finder = undefined;
    const finder = await openFaceFinder({ ...pull, store: this.#store, detector, landmarker });
    this.#finder = { key, finder };
    return finder;
  }

  async close(): Promise<void> {
    await this.#finder?.finder.close();
    this.#finder = undefined;
    for (const generator of this.#generators.values()) await generator.close();
    this.#generators.clear();
  }

  /** What changes when a style is imported again or its file is written anew: the open network is then an old one. */
  async #editionOf(idOrPath: string): Promise<unknown> {
    if (isStyleFile(idOrPath)) return editionOfFile(idOrPath);
    return (await allEntries(this.#store)).find(({ id }) => id === idOrPath)?.files;
  }

  // A Map remembers the order of insertion: the first key is the one that was not used for longest.
  async #keep(key: string, generator: Generator): Promise<void> {
    this.#generators.delete(key);
    this.#generators.set(key, generator);
    for (const [oldest, unused] of this.#generators) {
      if (this.#generators.size <= MOST_OPEN) return;
      this.#generators.delete(oldest);
      await unused.close();
    }
  }
}
