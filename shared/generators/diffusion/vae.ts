// Between pixels and latents, by the autoencoder of the folder: eight pixels a side become one number in each of four channels.

import { NigaoeError } from '../../errors.js';
import { type Tensor, tensor } from '../../tensor.js';
import { LATENT_CHANNELS } from './latents.js';
import type { Networks } from './networks.js';
import type { Noise } from './noise.js';
import { combine } from './samplers/sampler.js';

export { PIXELS_A_LATENT } from './latents.js';

interface Coding {
  scalingFactor: number;
  onNotice?: ((sentence: string) => void) | undefined;
}

/** Latents `[1,4,h,w]` -> pixels `[1,3,8h,8w]` in -1..1. Throws `model-corrupt` where a number is none, in float32 too. */
export async function decodeLatents(
  latents: Tensor,
  networks: Networks,
  { scalingFactor, onNotice }: Coding,
): Promise<Tensor> {
  const scaled = combine([1 / scalingFactor, latents]);
  const { dims, data } = await finite('vae_decoder', scaled, { networks, onNotice });
  return tensor(
    dims,
    data.map((value) => Math.min(1, Math.max(-1, value))),
  );
}

/**
 * Pixels `[1,3,H,W]` in -1..1 -> latents `[1,4,H/8,W/8]`: drawn from what the encoder says by `noise`, or its mean without.
 * Encoders that draw within their graph take no seed. Throws as `decodeLatents`.
 */
export async function encodePixels(
  pixels: Tensor,
  networks: Networks,
  { scalingFactor, noise, onNotice }: Coding & { noise?: Noise },
): Promise<Tensor> {
  const { dims, data } = await finite('vae_encoder', pixels, { networks, onNotice });
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

/**
 * What half of the autoencoder answers. Published ones overflow in float16, which shows as numbers that are none: it is then
 * computed in float32, once more and from there on.
 */
async function finite(
  name: 'vae_decoder' | 'vae_encoder',
  given: Tensor,
  { networks, onNotice }: { networks: Networks } & Pick<Coding, 'onNotice'>,
): Promise<Tensor> {
  const ask = async () => {
    const session = await networks.get(name);
    return Object.values(await session.run({ [session.inputs[0].name]: given }))[0];
  };
  const answer = await ask();
  if (isSound(answer)) return answer;
  if (!(await networks.widen(name))) throw noNumbers(name, 'float32');
  onNotice?.(`${name} overflows in float16: from here on it is computed in float32`);
  const again = await ask();
  if (isSound(again)) return again;
  throw noNumbers(name, 'float16 and in float32');
}

const isSound = ({ data }: Tensor): boolean => data.every(Number.isFinite);

const noNumbers = (name: string, types: string): NigaoeError =>
  new NigaoeError('model-corrupt', `Expected numbers from ${name} but some are none, in ${types}`, {
    hint: 'Its weights are damaged, or of another model: fetch the folder again.',
  });
