// What `nigaoe imagine` draws over: a photo at the size that is drawn, and the part of it that a mask shows.

import { planesOf } from '../../crop/whole.js';
import { expected } from '../../errors.js';
import { checkEncoder } from '../../generators/diffusion/check.js';
import { readDiffusionFolder } from '../../generators/diffusion/folder.js';
import { checkStrength } from '../../generators/diffusion/start.js';
import { PIXELS_A_LATENT } from '../../generators/diffusion/vae.js';
import type { Canvas } from '../../generators/diffusion/wish.js';
import { parseTable } from '../../options.js';
import { flattenPhoto } from '../../photo/alpha.js';
import { decodePhoto } from '../../photo/decode.js';
import type { Photo } from '../../photo/photo.js';
import type { Tensor } from '../../tensor.js';
import { checkIdle, type FlagValues, given } from '../flags.js';
import { fileInput } from '../inputs/input.js';
import { readInput } from '../inputs/read.js';
import { fitted, type Size } from './fit.js';
import { blended, levelsOf, wholeBlocks } from './mask.js';
import { OVER_OPTIONS, SIZES } from './options.js';

/** A photo to draw over. */
export interface Over {
  size: Size;
  canvas: Canvas;
  /** The drawing where the mask is white, the photo where it is black; the drawing without a mask. */
  blend(drawn: Tensor): Tensor;
}

/**
 * Reads `--image` and `--mask`; undefined without them. What can be wrong with the wish is looked for before the
 * networks are opened.
 * @throws `options`, `photo-unreadable`, and `model-missing` for a folder that cannot draw over pictures
 */
export async function readOver(
  model: string,
  flags: FlagValues,
  { steps, signal }: { steps: number; signal: AbortSignal },
): Promise<Over | undefined> {
  const { strength } = parseTable(OVER_OPTIONS, given(flags, Object.keys(OVER_OPTIONS)));
  if (flags.image === undefined) {
    checkIdle(
      flags,
      ['mask', 'strength'],
      'a drawing without --image',
      'Give the picture to draw over as --image.',
    );
    return undefined;
  }
  checkStrength({ steps, strength });
  checkEncoder(await readDiffusionFolder(model));
  const photo = await flattenPhoto(await read(String(flags.image), signal));
  const size = sizeFor(photo, flags);
  const picture = planesOf(await fitted(photo, photo, size));
  if (flags.mask === undefined) return { size, canvas: { picture, strength }, blend: (drawn) => drawn };
  const levels = levelsOf(await fitted(await read(String(flags.mask), signal), photo, size));
  const mask = wholeBlocks(levels);
  if (!mask.data.includes(1))
    throw expected('white where the picture is drawn anew', '--mask', flags.mask, 'It is black all over.');
  return {
    size,
    canvas: { picture, strength, mask },
    blend: (drawn) => blended(picture, drawn, levels),
  };
}

const read = async (file: string, signal: AbortSignal): Promise<Photo> =>
  decodePhoto(await readInput(fileInput(file), signal), { name: file });

/** What is wished for; a side that is not follows the photo's proportions, at its own size where neither is. */
function sizeFor(photo: Size, flags: FlagValues): Size {
  const wish = given(flags, Object.keys(SIZES)) as Partial<Size>;
  const asked = parseTable(SIZES, wish);
  const whole = (side: number) =>
    Math.max(SIZES.width.min, Math.round(side / PIXELS_A_LATENT) * PIXELS_A_LATENT);
  const size = {
    width: wish.width === undefined ? whole(photo.width * scaleOf(wish.height, photo.height)) : asked.width,
    height: wish.height === undefined ? whole(photo.height * scaleOf(wish.width, photo.width)) : asked.height,
  };
  if (Math.max(size.width, size.height) <= SIZES.width.max) return size;
  const hint = `Say how large it is drawn: --width, --height or both, up to ${SIZES.width.max}.`;
  throw expected(
    `a picture of at most ${SIZES.width.max} px a side`,
    '--image',
    `${size.width} x ${size.height}`,
    hint,
  );
}
const scaleOf = (wish: number | undefined, side: number): number => (wish === undefined ? 1 : wish / side);
