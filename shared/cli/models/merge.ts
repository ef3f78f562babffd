// `nigaoe models merge`: a network with LoRAs in its weights, as a folder or a file of its own.

import { constants } from 'node:fs';
import { cp, rename, rm, stat } from 'node:fs/promises';
import { expected } from '../../errors.js';
import { readDiffusionFolder } from '../../generators/diffusion/folder.js';
import {
  fittedLoras,
  mergeInto,
  parseLoraWish,
  unetUses,
  unmatchedWords,
} from '../../generators/diffusion/loras.js';
import { denoiserIn } from '../../models/imports/label.js';
import { mergeInside } from '../../models/lora/inside.js';
import { readOnnx, writeOnnx } from '../../models/onnx/file.js';
import { isOnnxPath, readModelFile } from '../../models/read-model-file.js';
import { unwritable } from '../../outputs/unwritable.js';
import { writeSheets } from '../../outputs/write.js';
import type { FlagValues } from '../flags.js';
import type { Stage } from '../perform.js';

/** A Stable Diffusion folder, or an ONNX file that draws by labels; 0 when the copy is whole. */
export async function mergeNetwork(
  [source]: readonly string[],
  flags: FlagValues,
  stage: Stage,
): Promise<number> {
  const found = await stat(source).catch(() => undefined);
  return found?.isFile() ? mergeFile(source, flags, stage) : mergeFolder([source], flags, stage);
}

const lorasIn = (flags: FlagValues) => ((flags.lora ?? []) as string[]).map(parseLoraWish);

async function mergeFile(file: string, flags: FlagValues, { terminal }: Stage): Promise<number> {
  const out = String(flags.out);
  if (!isOnnxPath(out)) throw expected('a file that ends in .onnx', '--out', out);
  if ((await stat(out).catch(() => undefined)) !== undefined)
    throw expected('a new file', '--out', out, 'Name another one, or remove it.');
  const model = readOnnx(await readModelFile(file), file);
  denoiserIn(model, file);
  const onNotice = (sentence: string) => terminal.notice(sentence);
  const { merged, unmatched } = mergeInside(model, await unetUses(lorasIn(flags), onNotice), file);
  if (unmatched.length > 0) onNotice(unmatchedWords(unmatched));
  await writeSheets([{ path: out, bytes: writeOnnx(model) }]);
  terminal.result(`${file} -> ${out}  (${merged} modules changed)`, { status: 'merged', out, merged });
  return 0;
}

/** Copies the folder and changes the copy. */
async function mergeFolder([root]: readonly string[], flags: FlagValues, stage: Stage): Promise<number> {
  const { terminal, signal } = stage;
  const out = String(flags.out).replace(/[\\/]+$/, '');
  const wishes = lorasIn(flags);
  if ((await stat(out).catch(() => undefined)) !== undefined)
    throw expected('a new folder', '--out', out, 'Name another one, or remove it.');
  const onNotice = (sentence: string) => terminal.notice(sentence);
  const fitted = await fittedLoras(await readDiffusionFolder(root), wishes, onNotice);
  const draft = `${out}.${process.pid}.part`;
  try {
    await cp(root, draft, { recursive: true, dereference: true, mode: constants.COPYFILE_FICLONE }).catch(
      (error: unknown) => {
        throw unwritable(draft, error);
      },
    );
    const copy = await readDiffusionFolder(draft);
    const merged = await mergeInto(draft, copy, fitted, { onNotice, signal });
    await rename(draft, out);
    terminal.result(`${root} -> ${out}  (${merged} modules changed)`, { status: 'merged', out, merged });
    return 0;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
