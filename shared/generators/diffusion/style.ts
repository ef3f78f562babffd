// Stable Diffusion as a style: every picture is drawn over, as far as the run's strength says.

import { NigaoeError, throwIfCancelled } from '../../errors.js';
import type { GeneratorIo, Side } from '../../models/entry.js';
import { nameOfStyleFile, pathOfStyle } from '../../models/styles.js';
import { OPTIONS, parseTable, REDRAWN } from '../../options.js';
import { planeSize } from '../../tensor.js';
import type { Generator, Run } from '../generator.js';
import { checkSize, pack, paddedSize, unpack } from '../pack.js';
import { checkEncoder } from './check.js';
import type { FixedSides } from './fixed.js';
import { readDiffusionFolder } from './folder.js';
import { parseLoraWish } from './loras.js';
import { type DiffusionOpening, openDiffusion } from './pipeline.js';
import { PIXELS_A_LATENT } from './vae.js';

/** How the autoencoder has its pixels. */
const IO: GeneratorIo = { layout: 'nchw', channels: 'rgb', range: [-1, 1] };
/** Trained at 512 and 768 px: larger ones take much memory, and smaller ones show little. */
const ANY_SIDE: Side = { multipleOf: PIXELS_A_LATENT, minPx: 64, maxPx: 768 };

export interface DiffusionStyleOptions extends Omit<DiffusionOpening, 'loras'> {
  /** Each FILE or FILE:STRENGTH. */
  lora?: readonly string[];
}

/**
 * Opens the folder of `sd:FOLDER`. What draws over pictures is looked for before minutes are spent on LoRAs.
 * @throws `model-missing` for a folder without all that takes, `model-unsupported`, and what merging LoRAs and the session throw
 */
export async function openDiffusionStyle(
  style: string,
  { lora = [], ...opening }: DiffusionStyleOptions,
): Promise<Generator> {
  const root = pathOfStyle(style);
  const loras = lora.map(parseLoraWish);
  const folder = await readDiffusionFolder(root);
  checkEncoder(folder);
  const [id, side] = [nameOfStyleFile(style), sideOf(root, folder.fixed)];
  const diffusion = await openDiffusion(root, { ...opening, loras });
  try {
    const { deviceReason } = await diffusion.ready();
    return {
      ...{ id, side, redraws: true, deviceReason },
      get device() {
        return diffusion.device;
      },
      async generate(pixels, run = {}) {
        throwIfCancelled(run.signal);
        const size = planeSize(pixels);
        checkSize(id, size, side);
        const padded = paddedSize(size, side);
        const { strength, ...wishes } = wishesOf(run);
        const wish = { ...wishes, widthPx: padded.width, heightPx: padded.height };
        const canvas = { picture: pack(pixels, IO, padded), strength };
        return unpack(await diffusion.draw({ ...wish, canvas }, run), IO, size);
      },
      close: () => diffusion.close(),
    };
  } catch (error) {
    await diffusion.close();
    throw error;
  }
}

const { prompt, negative, steps, guidance, sampler, seed, strength } = OPTIONS;
const WISHES = {
  prompt,
  negative,
  steps,
  guidance,
  sampler,
  seed,
  strength: { ...strength, default: REDRAWN },
};

/** What a run says, and the defaults of what it does not. */
function wishesOf(run: Run) {
  const names = Object.keys(WISHES) as (keyof typeof WISHES)[];
  return parseTable(WISHES, Object.fromEntries(names.map((name) => [name, run[name]])));
}

/**
 * Exporters fix both sides, or none. Throws `model-unsupported` for one that draws no squares: nothing else is cut out
 * of photos.
 */
function sideOf(root: string, { widthPx, heightPx }: FixedSides): Side {
  if (widthPx === undefined || heightPx === undefined) return ANY_SIDE;
  if (heightPx === widthPx) return { ...ANY_SIDE, minPx: widthPx, maxPx: widthPx };
  const message = `Expected a UNet of squares or of any size in ${root} but it draws ${widthPx} x ${heightPx} px only`;
  throw new NigaoeError('model-unsupported', message, {
    hint: 'Export it again with free sides; `nigaoe imagine` draws with it as it is.',
  });
}
