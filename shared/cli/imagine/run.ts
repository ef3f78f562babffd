// `nigaoe imagine`: has pictures drawn, and puts them together.

import { stat } from 'node:fs/promises';
import path from 'node:path';
import { expected, NigaoeError } from '../../errors.js';
import { readLabel } from '../../models/imports/read-label.js';
import { writeSheets } from '../../outputs/write.js';
import { encodePhoto } from '../../photo/encode.js';
import type { OutputFormat } from '../../photo/photo.js';
import type { Provenance } from '../../photo/provenance.js';
import type { Tensor } from '../../tensor.js';
import { grid } from '../../workshop/pictures/grid.js';
import { checkIdle, type FlagValues } from '../flags.js';
import { formatOf, photoOf } from '../outputs/picture.js';
import type { Stage } from '../perform.js';
import { count as counted } from '../terminal/wording.js';
import { diffusionSource } from './diffusion.js';
import { labelledSource } from './labelled.js';
import { latentSource } from './latent.js';
import { LABEL_NAMES } from './options.js';
import { provenanceOf } from './provenance.js';
import type { Source } from './source.js';

/** Draws; 0 when all is written. */
export async function runImagine(flags: FlagValues, stage: Stage): Promise<number> {
  const out = String(flags.out);
  const format = await formatOf(out, { force: flags.force === true });
  const model = String(flags.model);
  const source = await openSource(model, flags, stage);
  try {
    const provenance = provenanceOf(model, source);
    const outputs =
      format === undefined
        ? await drawFiles(source, { folder: out, provenance, force: flags.force === true })
        : await drawSheet(source, { out, format, provenance });
    const shown = outputs.length === 1 ? outputs[0] : `${counted(outputs.length, 'file')} in ${out}`;
    stage.terminal.result(`${model} -> ${shown}  (${counted(source.count, 'picture')} on ${source.device})`, {
      ...{ status: 'drawn', model, outputs, ...source.told },
      ...{ pictures: source.count, device: source.device },
    });
    return 0;
  } finally {
    await source.close();
  }
}

/** A folder is Stable Diffusion's; a file says itself whether it draws by labels, or from numbers. */
async function openSource(model: string, flags: FlagValues, stage: Stage): Promise<Source> {
  const found = await stat(model).catch(() => undefined);
  if (found === undefined)
    throw new NigaoeError('model-missing', `Expected a model at ${model} but there is none`, {
      hint: 'Check the path: an .onnx file, or a Stable Diffusion folder.',
    });
  if (found.isDirectory()) {
    checkIdle(flags, LABEL_NAMES, `${model}, which draws from prompts`);
    return diffusionSource(model, flags, stage);
  }
  const { denoiser } = await readLabel(model);
  if (denoiser) return labelledSource(model, flags, stage);
  checkIdle(flags, LABEL_NAMES, `${model}, which draws from numbers`);
  return latentSource(model, flags, stage);
}

async function checkFree(files: readonly string[]): Promise<void> {
  for (const file of files)
    if (await stat(file).catch(() => undefined))
      throw expected('new files', '--out', file, 'It is there already; --force replaces it.');
}

/** All of them on one sheet. */
async function drawSheet(
  source: Source,
  { out, format, provenance }: { out: string; format: OutputFormat; provenance: Provenance },
): Promise<string[]> {
  const pictures: Tensor[] = [];
  for await (const picture of source.pictures()) pictures.push(picture);
  const photo =
    source.isBare && pictures.length === 1 ? photoOf(pictures[0]) : grid(pictures, source.columns);
  const { bytes } = await encodePhoto(photo, { format, provenance });
  await writeSheets([{ path: out, bytes }]);
  return [out];
}

/** A file for each, written as soon as it is drawn. */
async function drawFiles(
  source: Source,
  { folder, provenance, force }: { folder: string; provenance: Provenance; force: boolean },
): Promise<string[]> {
  const digits = String(source.count).length;
  const files = Array.from({ length: source.count }, (_, at) =>
    path.join(folder, `${String(at + 1).padStart(digits, '0')}.png`),
  );
  if (!force) await checkFree(files);
  let at = 0;
  for await (const picture of source.pictures()) {
    const { bytes } = await encodePhoto(photoOf(picture), { format: 'png', provenance });
    await writeSheets([{ path: files[at++], bytes }]);
  }
  return files;
}
