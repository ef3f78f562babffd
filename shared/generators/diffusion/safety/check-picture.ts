// The safety checker of a folder: pictures that it flags come back black.

import { NigaoeError } from '../../../errors.js';
import type { Session } from '../../../models/session.js';
import { type Tensor, tensor } from '../../../tensor.js';
import type { DiffusionFolder } from '../folder.js';
import type { Networks } from '../networks.js';
import { clipPixels } from './clip-pixels.js';

/** What the checker says whether a picture is flagged by. */
const FLAGS = 'has_nsfw_concepts';

/**
 * Pixels `[1,3,H,W]` in -1..1 as they are, or black where the folder's checker flags them. A folder without a checker
 * flags nothing. Throws
 * `model-unsupported` for a checker of another kind.
 */
export async function checkedPicture(
  pixels: Tensor,
  { folder, networks }: { folder: DiffusionFolder; networks: Networks },
): Promise<{ pixels: Tensor; isFlagged: boolean }> {
  if (!folder.has.has('safety_checker')) return { pixels, isFlagged: false };
  const session = await networks.get('safety_checker');
  const { [FLAGS]: flags } = await session.run(feedsFor(session, pixels, folder));
  if (flags === undefined) throw strange(folder, `has no output ${FLAGS}`);
  const isFlagged = flags.data.some((flag) => flag !== 0);
  return { pixels: isFlagged ? black(pixels) : pixels, isFlagged };
}

/** Some exports leave the picture itself out. */
const FEEDS: Readonly<Record<string, (pixels: Tensor) => Tensor>> = {
  clip_input: clipPixels,
  images: pictureOf,
};

function feedsFor({ inputs }: Session, pixels: Tensor, folder: DiffusionFolder): Record<string, Tensor> {
  const entries = inputs.map(({ name }) => {
    const feed = FEEDS[name];
    if (feed === undefined) throw strange(folder, `wants ${name}`);
    return [name, feed(pixels)] as const;
  });
  return Object.fromEntries(entries);
}

/** `[1,H,W,3]` in 0..1. */
function pictureOf({ dims: [, , height, width], data }: Tensor): Tensor {
  const plane = height * width;
  const picture = new Float32Array(data.length);
  for (const [at, value] of data.entries())
    picture[(at % plane) * 3 + Math.floor(at / plane)] = value / 2 + 0.5;
  return tensor([1, height, width, 3], picture);
}

const black = ({ dims, data }: Tensor): Tensor => tensor(dims, new Float32Array(data.length).fill(-1));

const strange = ({ root }: DiffusionFolder, how: string): NigaoeError =>
  new NigaoeError('model-unsupported', `Expected diffusers’ safety checker in ${root} but it ${how}`, {
    hint: 'Fetch the folder as it was published.',
  });
