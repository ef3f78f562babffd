// Networks that draw pictures from numbers alone: decoders of autoencoders, generators of GANs.

import { NigaoeError } from '../errors.js';
import { type Label, type Latent, labelOf, metadataOf } from '../models/imports/label.js';
import { readOnnx } from '../models/onnx/file.js';
import { readModelFile } from '../models/read-model-file.js';
import { openSession } from '../models/session.js';
import type { Device } from '../options.js';
import { type Random, randomFor } from '../random.js';
import { sizeOf, type Tensor, tensor } from '../tensor.js';

/** An open network that draws from latent numbers. */
export interface LatentGenerator {
  readonly latent: Latent;
  readonly label: Label;
  readonly device: string;
  /** Latent numbers -> a picture `[1, C, H, W]` in -1..1; C is 1 or 3. */
  draw(numbers: Float32Array): Promise<Tensor>;
  close(): Promise<void>;
}

/** Opens an ONNX file that says which numbers it draws from. Throws `model-unsupported` for any other. */
export async function openLatentGenerator(
  path: string,
  options: { device?: Device; requireDevice?: boolean } = {},
): Promise<LatentGenerator> {
  const bytes = await readModelFile(path);
  const label = labelOf(metadataOf(readOnnx(bytes, path)));
  const { latent } = label;
  if (latent === undefined)
    throw new NigaoeError(
      'model-unsupported',
      `Expected a model that draws from numbers in ${path} but it does not say so`,
      {
        hint: 'Such models come from `nigaoe train vae`, dcgan and the like; one that draws pictures from pictures is a style.',
      },
    );
  const session = await openSession(bytes, { name: path, ...options });
  const [input] = session.inputs;
  return {
    latent,
    label,
    device: session.device,
    async draw(numbers) {
      const drawn = await session.run({ [input.name]: tensor([1, ...latent.dims], numbers) });
      const picture = Object.values(drawn)[0];
      const [, channels] = picture.dims;
      if (picture.dims.length === 4 && (channels === 1 || channels === 3)) return picture;
      throw new NigaoeError(
        'model-corrupt',
        `Expected a grey or coloured picture from ${path} but received ${picture.dims.join('x')}`,
      );
    },
    close: () => session.close(),
  };
}

/** The numbers of picture `index`: the same for a seed on every machine and device. */
export function latentOf(latent: Latent, seed: number, index: number): Float32Array {
  const random = randomFor(seed, 'latent', index);
  return new Float32Array(sizeOf(latent.dims)).map((_, at) => drawn(latent, random, at));
}

function drawn({ law, mean, deviation }: Latent, random: Random, at: number): number {
  if (law === 'uniform') return 2 * random.uniform() - 1;
  return (mean?.[at] ?? 0) + (deviation?.[at] ?? 1) * random.normal();
}

/**
 * A walk of `count` stations from one latent to the other, both included. Normal numbers go round on a great circle, because in
 * many dimensions those in between would lie closer to the middle than any that the network was trained on (White 2016).
 */
export function walk(
  from: Float32Array,
  to: Float32Array,
  { law, mean, deviation }: Latent,
  count: number,
): Float32Array[] {
  const centred = (numbers: Float32Array) =>
    numbers.map((value, at) => (value - (mean?.[at] ?? 0)) / (deviation?.[at] || 1));
  const [start, end] = [centred(from), centred(to)];
  const cosine =
    start.reduce((sum, value, at) => sum + value * end[at], 0) / (Math.hypot(...start) * Math.hypot(...end));
  const angleRad = Math.acos(Math.min(1, Math.max(-1, cosine || 0)));
  const isRound = law === 'normal' && Math.sin(angleRad) > 1e-4;
  return Array.from({ length: count }, (_, station) => {
    const t = count > 1 ? station / (count - 1) : 0;
    const [a, b] = isRound
      ? [Math.sin((1 - t) * angleRad), Math.sin(t * angleRad)].map((share) => share / Math.sin(angleRad))
      : [1 - t, t];
    return start.map((value, at) => (a * value + b * end[at]) * (deviation?.[at] ?? 1) + (mean?.[at] ?? 0));
  });
}
