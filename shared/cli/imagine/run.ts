// `nigaoe imagine`: draws latent numbers, has them drawn, and puts the pictures together.

import { stat } from 'node:fs/promises';
import path from 'node:path';
import { expected, throwIfCancelled } from '../../errors.js';
import { type LatentGenerator, latentOf, openLatentGenerator, walk } from '../../generators/latent.js';
import type { Label } from '../../models/imports/label.js';
import { parseTable } from '../../options.js';
import { writeSheets } from '../../outputs/write.js';
import { encodePhoto } from '../../photo/encode.js';
import type { OutputFormat } from '../../photo/photo.js';
import type { Provenance } from '../../photo/provenance.js';
import { type Tensor, tensor } from '../../tensor.js';
import { PROGRAM } from '../../version.js';
import { grid } from '../../workshop/pictures/grid.js';
import { type FlagValues, given } from '../flags.js';
import type { Stage } from '../perform.js';
import { count as counted } from '../terminal/wording.js';
import { IMAGINE_OPTIONS } from './options.js';

/** Pictures of one command. */
const MOST = 4096;

const FORMATS: Readonly<Record<string, OutputFormat>> = {
  '.png': 'png',
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.webp': 'webp',
  '.avif': 'avif',
};

/** Draws; 0 when all is written. */
export async function runImagine(flags: FlagValues, stage: Stage): Promise<number> {
  const options = parseTable(IMAGINE_OPTIONS, given(flags, Object.keys(IMAGINE_OPTIONS)));
  const out = String(flags.out);
  const format = await formatOf(out, flags.force === true);
  const model = String(flags.model);
  const generator = await openLatentGenerator(model, options);
  try {
    const latents = latentsFor(generator, options);
    const pictures = await drawAll(generator, latents, stage);
    const columns = options.columns || options.interpolate || Math.ceil(Math.sqrt(latents.length));
    const provenance = provenanceOf(model, generator.label);
    const files =
      format === undefined
        ? await filesOf(pictures, out, provenance)
        : [await sheetOf(pictures, columns, { out, format, provenance })];
    if (format === undefined && flags.force !== true) await checkFree(files.map((file) => file.path));
    await writeSheets(files);
    const { seed, count, interpolate } = options;
    const outputs = files.map((file) => file.path);
    const shown = outputs.length === 1 ? outputs[0] : `${counted(outputs.length, 'file')} in ${out}`;
    stage.terminal.result(
      `${model} -> ${shown}  (${counted(latents.length, 'picture')} on ${generator.device})`,
      {
        ...{ status: 'drawn', model, outputs, seed, count, interpolate },
        ...{ pictures: latents.length, device: generator.device },
      },
    );
    return 0;
  } finally {
    await generator.close();
  }
}

function provenanceOf(model: string, { licence }: Label): Provenance {
  return {
    program: PROGRAM,
    style: path.basename(model),
    licenceNotice: licence?.commercial === false ? licence.notice : undefined,
    digitalSourceType: 'trainedAlgorithmicMedia',
  };
}

/** The format of a single picture by its ending; undefined for a folder. */
async function formatOf(out: string, force: boolean): Promise<OutputFormat | undefined> {
  if (out === '-')
    throw expected('a file or a folder', '--out', out, 'Pictures do not go to standard output.');
  const extension = path.extname(out).toLowerCase();
  const found = await stat(out).catch(() => undefined);
  if (found?.isDirectory() || extension === '' || /[\\/]$/.test(out)) return undefined;
  if (FORMATS[extension] === undefined)
    throw expected(`a file that ends in ${Object.keys(FORMATS).join(', ')}, or a folder`, '--out', out);
  if (found !== undefined && !force)
    throw expected('a new file', '--out', out, 'It is there already; --force replaces it.');
  return FORMATS[extension];
}

async function checkFree(files: readonly string[]): Promise<void> {
  for (const file of files)
    if (await stat(file).catch(() => undefined))
      throw expected('new files', '--out', file, 'It is there already; --force replaces it.');
}

function latentsFor(
  { latent }: LatentGenerator,
  { count, seed, interpolate }: { count: number; seed: number; interpolate: number },
) {
  const ends = Array.from({ length: count }, (_, index) => latentOf(latent, seed, index));
  if (interpolate === 0) return ends;
  if (count * interpolate > MOST)
    throw expected(`at most ${MOST} pictures`, '--count times --interpolate', count * interpolate);
  if (count < 2) throw expected('at least 2', '--count', count, 'A walk leads from one picture to another.');
  return ends.slice(1).flatMap((end, at) => walk(ends[at], end, latent, interpolate));
}

async function drawAll(
  generator: LatentGenerator,
  latents: readonly Float32Array[],
  { terminal, signal }: Stage,
): Promise<Tensor[]> {
  const pictures: Tensor[] = [];
  for (const numbers of latents) {
    throwIfCancelled(signal);
    pictures.push(await generator.draw(numbers));
    terminal.progress({
      done: pictures.length,
      total: latents.length,
      text: `picture ${pictures.length} of ${latents.length}`,
    });
  }
  return pictures;
}

async function sheetOf(
  pictures: readonly Tensor[],
  columns: number,
  { out, format, provenance }: { out: string; format: OutputFormat; provenance: Provenance },
) {
  const all = new Float32Array(pictures.length * pictures[0].data.length);
  for (const [at, { data }] of pictures.entries()) all.set(data, at * data.length);
  const photo = grid(tensor([pictures.length, ...pictures[0].dims.slice(1)], all), columns);
  return { path: out, bytes: (await encodePhoto(photo, { format, provenance })).bytes };
}

async function filesOf(pictures: readonly Tensor[], folder: string, provenance: Provenance) {
  const digits = String(pictures.length).length;
  const files: { path: string; bytes: Uint8Array }[] = [];
  for (const [at, picture] of pictures.entries()) {
    const { bytes } = await encodePhoto(photoOf(picture), { format: 'png', provenance });
    files.push({ path: path.join(folder, `${String(at + 1).padStart(digits, '0')}.png`), bytes });
  }
  return files;
}

/** A single picture [1, C, H, W] as it is. */
function photoOf({ dims: [, channels, height, width], data }: Tensor) {
  const plane = height * width;
  const pixels = new Uint8ClampedArray(plane * 3).map(
    (_, at) => 127.5 + 127.5 * data[(at % 3 < channels ? at % 3 : 0) * plane + Math.floor(at / 3)],
  );
  return {
    data: new Uint8Array(pixels.buffer),
    width,
    height,
    metadata: { format: 'png' as const, notices: [] },
  };
}
