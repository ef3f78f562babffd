// `nigaoe reconstruct`: a photo through an autoencoder and back, and how much of it is lost.

import { planesOf } from '../../crop/whole.js';
import { expected } from '../../errors.js';
import { openDiffusion } from '../../generators/diffusion/pipeline.js';
import { PIXELS_A_LATENT } from '../../generators/diffusion/vae.js';
import { parseTable } from '../../options.js';
import { writeSheets } from '../../outputs/write.js';
import { flattenPhoto } from '../../photo/alpha.js';
import { decodePhoto } from '../../photo/decode.js';
import { encodePhoto } from '../../photo/encode.js';
import { resizePhoto } from '../../photo/resize.js';
import type { Tensor } from '../../tensor.js';
import { type FlagValues, given } from '../flags.js';
import { fileInput } from '../inputs/input.js';
import { readInput } from '../inputs/read.js';
import { formatOf, photoOf } from '../outputs/picture.js';
import type { Stage } from '../perform.js';
import { RECONSTRUCT_OPTIONS } from './options.js';

/** 0 when the picture is written. */
export async function runReconstruct(file: string, flags: FlagValues, stage: Stage): Promise<number> {
  const options = parseTable(RECONSTRUCT_OPTIONS, given(flags, Object.keys(RECONSTRUCT_OPTIONS)));
  const [out, model] = [String(flags.out), String(flags.model)];
  const format = await formatOf(out, { force: flags.force === true });
  if (format === undefined) throw expected('a file', '--out', out);
  const pixels = await pixelsOf(file, options.maxSide, stage.signal);
  const diffusion = await openDiffusion(model, options);
  try {
    const again = await diffusion.reconstruct(pixels);
    const { bytes, width, height } = await encodePhoto(photoOf(again), { format });
    await writeSheets([{ path: out, bytes }]);
    const psnr = Math.round(100 * psnrOf(pixels, again)) / 100;
    const { device } = diffusion;
    stage.terminal.result(`${file} -> ${out}  (${width} x ${height}, PSNR ${psnr} dB, on ${device})`, {
      ...{ status: 'drawn', model, outputs: [out], width, height, psnr, device },
    });
    return 0;
  } finally {
    await diffusion.close();
  }
}

/** The photo at a size that latents have, its long side at most that many pixels. */
async function pixelsOf(file: string, maxSidePx: number, signal: AbortSignal): Promise<Tensor> {
  const bytes = await readInput(fileInput(file), signal);
  const photo = await flattenPhoto(await decodePhoto(bytes, { name: file }));
  const factor = Math.min(1, maxSidePx / Math.max(photo.width, photo.height));
  const whole = (side: number) =>
    Math.max(PIXELS_A_LATENT, Math.floor((side * factor) / PIXELS_A_LATENT) * PIXELS_A_LATENT);
  return planesOf(await resizePhoto(photo, { width: whole(photo.width), height: whole(photo.height) }));
}

/** Peak signal to noise ratio in decibels: 10 log10(peak^2 / mean square error), the peak being 2. */
function psnrOf(one: Tensor, other: Tensor): number {
  const error = one.data.reduce((sum, value, at) => sum + (value - other.data[at]) ** 2, 0) / one.data.length;
  return error === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(4 / error);
}
