// Where drawing begins: at noise, at a picture with noise over it, or at a picture of which a part is to be drawn anew.

import { expected } from '../../errors.js';
import { sizeOf, type Tensor, tensor } from '../../tensor.js';
import type { DiffusionFolder } from './folder.js';
import { LATENT_CHANNELS, PIXELS_A_LATENT } from './latents.js';
import type { Networks } from './networks.js';
import type { Noise } from './noise.js';
import type { Sampler } from './samplers/sampler.js';
import { encodePixels } from './vae.js';
import type { Canvas, Wish } from './wish.js';

/** Where a run begins, and what it keeps to on the way. */
export interface Start {
  latents: Tensor;
  /** The first call. */
  from: number;
  /** Puts what is not drawn anew back, as noisy as it is before call `at`. */
  keep?: (latents: Tensor, at: number) => Tensor;
  /** Mask and masked latents for networks that were trained to fill in. */
  beside?: Tensor;
}

/** What a start is made with. */
interface Means {
  folder: DiffusionFolder;
  networks: Networks;
  sampler: Sampler;
  noise: Noise;
  /** Whether the network was trained to fill in. */
  isFiller: boolean;
  onNotice?: ((sentence: string) => void) | undefined;
}

/**
 * Nothing but noise, or the latents of a canvas with as much noise as its strength says. The order in which numbers are drawn
 * is that of diffusers.
 */
export async function startOf(
  wish: Wish,
  { folder, networks, sampler, noise, isFiller, onNotice }: Means,
): Promise<Start> {
  const dims = [1, LATENT_CHANNELS, wish.heightPx / PIXELS_A_LATENT, wish.widthPx / PIXELS_A_LATENT];
  const fresh = () => tensor(dims, noise(sizeOf(dims)));
  const pure = (numbers: Tensor) =>
    tensor(
      dims,
      numbers.data.map((value) => value * sampler.initNoiseSigma),
    );
  const { canvas } = wish;
  if (canvas === undefined) return { latents: pure(fresh()), from: 0 };
  const { scalingFactor } = folder;
  const encode = (pixels: Tensor) => encodePixels(pixels, networks, { scalingFactor, noise, onNotice });
  const isPure = canvas.mask !== undefined && canvas.strength === 1;
  // A network that fills in sees the picture beside the latents: from pure noise it needs nothing else of it.
  const clean = isFiller && isPure ? undefined : await encode(canvas.picture);
  const added = fresh();
  const isWhole = sampler.isSpreadByStrength === true;
  const from = isWhole ? 0 : firstCall(wish.steps, canvas.strength);
  const latents = isPure || clean === undefined ? pure(added) : sampler.noised(clean, added, from);
  if (canvas.mask === undefined) return { latents, from };
  const mask = shrunk(canvas.mask, dims);
  if (!isFiller && clean !== undefined)
    return { latents, from, keep: (now, at) => blended(sampler.noised(clean, added, at), now, mask) };
  const hidden = await encode(hiddenBy(canvas));
  const beside = new Float32Array(mask.length + hidden.data.length);
  beside.set(mask);
  beside.set(hidden.data, mask.length);
  return { latents, from, beside: tensor([1, 1 + LATENT_CHANNELS, dims[2], dims[3]], beside) };
}

/** Of so many calls the first one that is run: the rest of the way is the strength's part of it. */
export const firstCall = (steps: number, strength: number): number => steps - Math.floor(steps * strength);

/** Throws `options` for a strength of which no step is left. */
export function checkStrength({ steps, strength }: { steps: number; strength: number }): void {
  if (firstCall(steps, strength) === steps)
    throw expected('one step or more of --steps times --strength', '--strength', strength);
}

/** The mask at the latents' size: the nearest pixel, 0 or 1. */
function shrunk(
  { dims: [, , height, width], data }: Tensor,
  [, , rows, columns]: readonly number[],
): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    const place = Math.floor((row * height) / rows) * width + Math.floor((column * width) / columns);
    return data[place] >= 0.5 ? 1 : 0;
  });
}

const blended = (known: Tensor, drawn: Tensor, mask: Float32Array): Tensor =>
  tensor(
    drawn.dims,
    drawn.data.map((value, at) => (mask[at % mask.length] === 1 ? value : known.data[at])),
  );

/** The picture without what is drawn anew. */
function hiddenBy({ picture: { dims, data }, mask }: Canvas): Tensor {
  const plane = dims[2] * dims[3];
  return tensor(
    dims,
    data.map((value, at) => ((mask as Tensor).data[at % plane] >= 0.5 ? 0 : value)),
  );
}
