// Drawing by Stable Diffusion: the prompt is read, noise is taken away step by step, and latents become pixels.

import { expected, NigaoeError, throwIfCancelled } from '../../errors.js';
import type { RealDevice } from '../../models/device.js';
import type { Session } from '../../models/session.js';
import { readStoreSettings } from '../../models/store/settings.js';
import type { Tensor } from '../../tensor.js';
import type { Run } from '../generator.js';
import { checkEncoder, type DiffusionFolder, readDiffusionFolder } from './folder.js';
import { type LoraWish, mergedIn, mergedNetworks } from './loras.js';
import { bytesFor, checkMemory } from './memory.js';
import { Networks, type NetworksOptions } from './networks.js';
import { torchNoise } from './noise.js';
import { checkSampler, chooseSampler } from './samplers/choose.js';
import { sample } from './samplers/sampler.js';
import { checkStrength, startOf } from './start.js';
import { encodePrompt } from './text/encoder.js';
import { openTokenizer, type TextTokenizer } from './text/tokenizer.js';
import { denoiser } from './unet.js';
import { decodeLatents, encodePixels, LATENT_CHANNELS, PIXELS_A_LATENT } from './vae.js';
import type { Wish } from './wish.js';

export interface DiffusionRun extends Run {
  /** Sees the picture that the latents would be, after so many steps each, and is waited for; decoding takes time. */
  preview?: { everySteps: number; show: (pixels: Tensor) => unknown };
}

/** A Stable Diffusion folder that is ready to draw. Not for concurrent calls. */
export interface Diffusion {
  readonly folder: DiffusionFolder;
  /** Where it runs, once it has drawn. */
  readonly device: RealDevice;
  /** Opens the network that takes noise away, and tells where it runs, why, and the shape of latents as far as its exporter fixed it. */
  ready(): Promise<Pick<Session, 'device' | 'deviceReason'> & { latents: readonly (number | string)[] }>;
  /** Pixels `[1,3,heightPx,widthPx]` in -1..1. Throws `options` for sizes and canvases that do not fit, and `cancelled` between steps. */
  draw(wish: Wish, run?: DiffusionRun): Promise<Tensor>;
  /** Pixels through the autoencoder and back, whose loss is that of every drawing over a picture. */
  reconstruct(pixels: Tensor): Promise<Tensor>;
  close(): Promise<void>;
}

export interface DiffusionOpening extends NetworksOptions {
  /** LoRAs that its networks are changed by. */
  loras?: readonly LoraWish[];
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
  const { loras = [], cache = mergedIn(readStoreSettings().home), ...rest } = opening;
  const instead = loras.length > 0 ? await mergedNetworks(folder, loras, { cache, ...rest }) : {};
  const tokenizer = await openTokenizer(`${root}/tokenizer`);
  const networks = new Networks(folder, { ...rest, instead });
  return {
    folder,
    get device() {
      return networks.device;
    },
    async ready() {
      const unet = await networks.get('unet');
      return { device: unet.device, deviceReason: unet.deviceReason, latents: sizeOf(unet) };
    },
    draw: (wish, run = {}) => draw({ folder, tokenizer, networks }, wish, run),
    async reconstruct(pixels) {
      checkSides(pixels.dims[3], pixels.dims[2]);
      checkEncoder(folder);
      const { scalingFactor } = folder;
      return decodeLatents(await encodePixels(pixels, networks, { scalingFactor }), networks, scalingFactor);
    },
    close: () => networks.close(),
  };
}

interface Studio {
  folder: DiffusionFolder;
  tokenizer: TextTokenizer;
  networks: Networks;
}

async function draw(studio: Studio, wish: Wish, run: DiffusionRun): Promise<Tensor> {
  const { folder, networks } = studio;
  check(wish, folder);
  throwIfCancelled(run.signal);
  const told = { ...studio, onNotice: run.onNotice };
  const negative = await encodePrompt(wish.negative, told);
  const positive = await encodePrompt(wish.prompt, told);
  // A GPU has memory of its own.
  if (networks.device === 'cpu') checkMemory(await bytesFor(folder, wish), wish, run.onNotice);
  const noise = torchNoise(wish.seed);
  const { steps, canvas } = wish;
  const strength = canvas?.strength ?? 1;
  const sampler = chooseSampler(folder, wish.sampler, { steps, noise, strength, onNotice: run.onNotice });
  const isFiller = await fillsIn(folder, networks, wish);
  const start = await startOf(wish, { ...studio, sampler, noise, isFiller });
  const unet = await networks.get('unet');
  const conditions = { positive, negative, guidanceScale: wish.guidance, beside: start.beside };
  const denoise = denoiser(unet, conditions, {
    isBatched: sizeOf(unet)[0] !== 1,
    reopen: () => networks.get('unet'),
  });
  const total = sampler.timesteps.length - start.from;
  const latents = await sample(sampler, denoise, start.latents, {
    from: start.from,
    signal: run.signal,
    async onStep(done, now) {
      const kept = start.keep?.(now, start.from + done) ?? now;
      checkNumbers(kept);
      run.onProgress?.(done, total);
      const { everySteps = 0, show } = run.preview ?? {};
      if (show && done < total && done % everySteps === 0)
        await show(await decodeLatents(kept, networks, folder.scalingFactor));
      return kept;
    },
  });
  return decodeLatents(latents, networks, folder.scalingFactor);
}

/** Sizes of the latents that the network takes, as far as its exporter has fixed them. */
const sizeOf = (unet: Session) => unet.inputs.find(({ name }) => name === 'sample')?.dims ?? [];

/**
 * Whether the network was trained to fill in. It is asked itself where that makes a difference only: where memory is short, that opens
 * it once more. Throws `options` where it needs a mask, `model-unsupported` for networks of other kinds.
 */
async function fillsIn(folder: DiffusionFolder, networks: Networks, { canvas }: Wish): Promise<boolean> {
  const said = folder.unetChannels;
  const isPlain = canvas !== undefined && canvas.mask === undefined && said === LATENT_CHANNELS;
  const [, size] = isPlain ? [] : sizeOf(await networks.get('unet'));
  const channels = typeof size === 'number' && size > 0 ? size : said;
  if (channels === LATENT_CHANNELS) return false;
  if (channels !== FILLER_CHANNELS) throw strangeChannels(folder, channels);
  if (canvas?.mask === undefined) throw needsMask(folder);
  return true;
}
/** Latents, a mask, and the latents of what it leaves. */
const FILLER_CHANNELS = 2 * LATENT_CHANNELS + 1;

function check({ widthPx, heightPx, steps, canvas, seed, sampler }: Wish, folder: DiffusionFolder): void {
  checkSampler(sampler);
  checkSides(widthPx, heightPx);
  if (!Number.isSafeInteger(seed) || seed < 0) throw expected('a whole number from 0', '--seed', seed);
  if (canvas === undefined) return;
  checkEncoder(folder);
  const { picture, strength } = canvas;
  if (picture.dims[2] !== heightPx || picture.dims[3] !== widthPx)
    throw new Error(`internal: a canvas of ${picture.dims} for a picture of ${widthPx} x ${heightPx}`);
  checkStrength({ steps, strength });
}

function checkSides(widthPx: number, heightPx: number): void {
  if (widthPx % PIXELS_A_LATENT !== 0 || heightPx % PIXELS_A_LATENT !== 0)
    throw expected(
      `sides that are multiples of ${PIXELS_A_LATENT}`,
      'the picture',
      `${widthPx} x ${heightPx}`,
    );
}

function checkNumbers({ data }: Tensor): void {
  if (data.every(Number.isFinite)) return;
  throw new NigaoeError('model-corrupt', 'Expected latents from unet but some are no numbers', {
    hint: 'Its float16 numbers overflow: take a float32 folder, or another device.',
  });
}

const strangeChannels = ({ root }: DiffusionFolder, channels: number): NigaoeError =>
  new NigaoeError(
    'model-unsupported',
    `Expected a UNet of 4 or 9 channels in ${root} but it takes ${channels}`,
    {
      hint: 'Networks that enlarge, follow depth or edit by instruction are not drawn here.',
    },
  );

const needsMask = ({ root }: DiffusionFolder): NigaoeError =>
  new NigaoeError('options', `Expected a picture and a mask for ${root}, which was trained to fill in`, {
    hint: 'Give both, or take a folder that draws from nothing.',
  });
