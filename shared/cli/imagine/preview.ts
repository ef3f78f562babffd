// The picture on its way: a file that is written anew after every few steps.

import path from 'node:path';
import { expected } from '../../errors.js';
import { parseTable } from '../../options.js';
import { writeSheets } from '../../outputs/write.js';
import { encodePhoto } from '../../photo/encode.js';
import type { Provenance } from '../../photo/provenance.js';
import type { Tensor } from '../../tensor.js';
import { checkIdle, type FlagValues, given } from '../flags.js';
import { formatOf, photoOf } from '../outputs/picture.js';
import { PREVIEW_OPTIONS } from './options.js';

export interface Preview {
  everySteps: number;
  /** Writes the file, whole or not at all. Throws `output-unwritable`. */
  show(pixels: Tensor): Promise<void>;
}

/** The preview that is wished for; undefined without one. Throws `options` for a file that is none, or in use. */
export async function openPreview(flags: FlagValues, provenance: Provenance): Promise<Preview | undefined> {
  if (flags.preview === undefined) {
    checkIdle(flags, Object.keys(PREVIEW_OPTIONS), 'a drawing without --preview');
    return undefined;
  }
  const file = String(flags.preview);
  const { previewEvery } = parseTable(PREVIEW_OPTIONS, given(flags, Object.keys(PREVIEW_OPTIONS)));
  if (path.resolve(file) === path.resolve(String(flags.out)))
    throw expected('another file than --out', '--preview', file);
  const format = await formatOf(file, { force: flags.force === true, flag: '--preview' });
  if (format === undefined) throw expected('a file', '--preview', file);
  return {
    everySteps: previewEvery,
    async show(pixels) {
      const { bytes } = await encodePhoto(photoOf(pixels), { format, provenance });
      await writeSheets([{ path: file, bytes }]);
    },
  };
}
