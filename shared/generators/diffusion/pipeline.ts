// Drawing by Stable Diffusion: the prompt is read, noise is taken away step by step, and latents become pixels.

import { NigaoeError, throwIfCancelled } from '../../errors.js';
import type { RealDevice } from '../../models/device.js';
import type { Session } from '../../models/session.js';
import { readStoreSettings } from '../../models/store/settings.js';
import type { Tensor } from '../../tensor.js';
import type { Run } from '../generator.js';
import { checkEncoder, checkPlan, checkWish, fillsIn, type Plan } from './check.js';
import { checkSides } from './fixed.js';
import { type DiffusionFolder, readDiffusionFolder } from './folder.js';
import { type LoraWish, mergedIn, mergedNetworks } from './loras.js';
import { bytesFor, checkMemory } from './memory.js';
import { Networks, type NetworksOptions } from './networks.js';
import { torchNoise } from './noise.js';
import { checkedPicture } from './safety/check-picture.js';
import { chooseSampler } from './samplers/choose.js';
import { sample } from './samplers/sampler.js';
import { startOf } from './start.js';
import { encodePrompt } from './text/encoder.js';
import { openTokenizer, type TextTokenizer } from './text/tokenizer.js';
import { denoiser } from './unet.js';
import { decodeLatents, encodePixels } from './vae.js';
import type { Wish } from './wish.js';

export interface DiffusionRun extends Run {
  /**
   * Sees the picture that the latents would be, after so many steps each, black where the folder's checker flags it,
   * and is waited for; decoding takes time.
   */
  preview?: { everySteps: number; show: (pixels: Tensor) => unknown };
}

/** A Stable Diffusion folder that is ready to draw. Not for concurrent calls. */
export interface Diffusion {
  readonly folder: DiffusionFolder;
  /** Where it runs, once it has drawn. */
  readonly device: RealDevice;
  /** Opens the network that takes noise away, and tells where it runs, and why. */
  ready(): Promise<Pick<Session, 'device' | 'deviceReason'>>;
  /**
   * Pixels `[1,3,heightPx,widthPx]` in -1..1. Throws `options` for sizes and canvases that do not fit, and `cancelled`
   * between steps.
   */
  draw(wish: Wish, run?: DiffusionRun): Promise<Tensor>;
  /** Pixels through the autoencoder and back, whose loss is that of every drawing over a picture. */
  reconstruct(pixels: Tensor): Promise<Tensor>;
  close(): Promise<void>;
}

export interface DiffusionOpening extends NetworksOptions {
  /** LoRAs that its networks are changed by. */
  loras?: readonly LoraWish[];
  /** A drawing to come, which is checked before LoRAs are merged for it. */
  plan?: Plan;
  /** Where merged networks are kept; default: in the store. */
  cache?: string;
  onNotice?: (sentence: string) => void;
  signal?: AbortSignal;
}

/**
 * Opens a folder; networks are opened when they are first needed. Throws what reading the folder, its tokenizer and LoRAs throws.
 */
export async function openDiffusion(root: string, opening: DiffusionOpening = {}): Promise<Diffusion> {
  const folder = await readDiffusionFolder(root);
  const { loras = [], cache = mergedIn(readStoreSettings().home), plan, ...rest } = opening;
  if (plan !== undefined) checkPlan(plan, folder);
  const instead = loras.length > 0 ? await mergedNetworks(folder, loras, { cache, ...rest }) : {};
  const tokenizer = await openTokenizer(`${root}/tokenizer`, folder.tokenRows);
  const networks = new Networks(folder, { ...rest, instead });
  const studio: Studio = { folder, tokenizer, networks, provenBytes: 0 };
  return {
    folder,
    get device() {
      return networks.device;
    },
    async ready() {
      const { device, deviceReason } = await networks.get('unet');
      return { device, deviceReason };
    },
    draw: (wish, run = {}) => draw(studio, wish, run),
    async reconstruct(pixels) {
      checkSides({ widthPx: pixels.dims[3], heightPx: pixels.dims[2] }, folder);
      checkEncoder(folder);
      const coding = { scalingFactor: folder.scalingFactor, onNotice: opening.onNotice };
      return decodeLatents(await encodePixels(pixels, networks, coding), networks, coding);
    },
    close: () => networks.close(),
  };
}

interface Studio {
  folder: DiffusionFolder;
  tokenizer: TextTokenizer;
  networks: Networks;
  /** What a picture took for which there was enough. */
  provenBytes: number;
}

async function draw(studio: Studio, wish: Wish, run: DiffusionRun): Promise<Tensor> {
  const { folder, networks } = studio;
  checkWish(wish, folder);
  throwIfCancelled(run.signal);
  const told = { ...studio, onNotice: run.onNotice };
  const negative = await encodePrompt(wish.negative, told);
  const positive = await encodePrompt(wish.prompt, told);
  const needed = await bytesFor(folder, wish);
  // A GPU has memory of its own; and what was drawn once holds by now what it takes.
  if (networks.device === 'cpu' && needed > studio.provenBytes) checkMemory(needed, wish, run);
  const noise = torchNoise(wish.seed);
  const { steps, canvas } = wish;
  const strength = canvas?.strength ?? 1;
  const sampler = chooseSampler(folder, wish.sampler, { steps, noise, strength, onNotice: run.onNotice });
  const start = await startOf(wish, { ...told, sampler, noise, isFiller: fillsIn(folder) });
  const unet = await networks.get('unet');
  const conditions = { positive, negative, guidanceScale: wish.guidance, beside: start.beside };
  const denoise = denoiser(unet, conditions, () => networks.get('unet'));
  // What is flagged is not shown on the way either.
  const decode = async (now: Tensor) => {
    const coding = { scalingFactor: folder.scalingFactor, onNotice: run.onNotice };
    return checkedPicture(await decodeLatents(now, networks, coding), studio);
  };
  const total = sampler.timesteps.length - start.from;
  const latents = await sample(sampler, denoise, start.latents, {
    from: start.from,
    signal: run.signal,
    async onStep(done, now) {
      const kept = start.keep?.(now, start.from + done) ?? now;
      checkNumbers(kept);
      run.onProgress?.(done, total);
      const { everySteps = 0, show } = run.preview ?? {};
      if (show && done < total && done % everySteps === 0) await show((await decode(kept)).pixels);
      return kept;
    },
  });
  const { pixels, isFlagged } = await decode(latents);
  studio.provenBytes = Math.max(needed, studio.provenBytes);
  if (isFlagged) run.onNotice?.(flagged(wish));
  return pixels;
}

const flagged = ({ seed }: Wish): string =>
  `The safety checker of the folder flagged the picture of seed ${seed}, which is black therefore: try another seed or prompt`;

function checkNumbers({ data }: Tensor): void {
  if (data.every(Number.isFinite)) return;
  throw new NigaoeError('model-corrupt', 'Expected latents from unet but some are no numbers', {
    hint: 'Its float16 numbers overflow: take a float32 folder, or another device.',
  });
}
