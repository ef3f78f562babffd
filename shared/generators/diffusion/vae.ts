// Between pixels and latents, by the autoencoder of the folder: eight pixels a side become one number in each of four channels.

import { NigaoeError } from '../../errors.js';
import { type Tensor, tensor } from '../../tensor.js';
import { LATENT_CHANNELS } from './latents.js';
import type { Networks } from './networks.js';
import type { Noise } from './noise.js';
import { combine } from './samplers/sampler.js';

export { PIXELS_A_LATENT } from './latents.js';

/** Latents `[1,4,h,w]` -> pixels `[1,3,8h,8w]` in -1..1. Throws `model-corrupt` where a number is none. */
export async function decodeLatents(
  latents: Tensor,
  networks: Networks,
  scalingFactor: number,
): Promise<Tensor> {
  const session = await networks.get('vae_decoder');
  const answer = await session.run({ [session.inputs[0].name]: combine([1 / scalingFactor, latents]) });
  const { dims, data } = Object.values(answer)[0];
  if (!data.every(Number.isFinite))
    throw new NigaoeError('model-corrupt', 'Expected pixels from vae_decoder but some are no numbers', {
      hint: 'Its float16 numbers overflow: take a folder whose vae_decoder is float32.',
    });
  return tensor(
    dims,
    data.map((value) => Math.min(1, Math.max(-1, value))),
  );
}

/**
 * Pixels `[1,3,H,W]` in -1..1 -> latents `[1,4,H/8,W/8]`: drawn from what the encoder says by `noise`, or its mean without. Encoders
 * that draw within their graph take no seed.
 */
export async function encodePixels(
  pixels: Tensor,
  networks: Networks,
  { scalingFactor, noise }: { scalingFactor: number; noise?: Noise },
): Promise<Tensor> {
  const session = await networks.get('vae_encoder');
  const answer = await session.run({ [session.inputs[0].name]: pixels });
  const { dims, data } = Object.values(answer)[0];
  if (dims[1] === LATENT_CHANNELS) return combine([scalingFactor, { dims, data }]);
  const shape = [1, LATENT_CHANNELS, dims[2], dims[3]];
  const half = data.length / 2;
  const mean = tensor(shape, data.slice(0, half));
  if (noise === undefined) return combine([scalingFactor, mean]);
  const drawn = noise(half);
  const spread = drawn.map((value, at) => {
    const logVariance = Math.min(20, Math.max(-30, data[half + at]));
    return Math.exp(0.5 * logVariance) * value;
  });
  return combine([scalingFactor, mean], [scalingFactor, tensor(shape, spread)]);
}
