// `nigaoe models merge`: a Stable Diffusion folder with LoRAs in its weights, as a folder of its own.

import { constants } from 'node:fs';
import { cp, rename, rm, stat } from 'node:fs/promises';
import { expected } from '../../errors.js';
import { readDiffusionFolder } from '../../generators/diffusion/folder.js';
import { fittedLoras, mergeInto, parseLoraWish } from '../../generators/diffusion/loras.js';
import { unwritable } from '../../outputs/unwritable.js';
import type { FlagValues } from '../flags.js';
import type { Stage } from '../perform.js';

/** Copies the folder and changes the copy; 0 when it is whole. */
export async function mergeFolder(
  [root]: readonly string[],
  flags: FlagValues,
  stage: Stage,
): Promise<number> {
  const { terminal, signal } = stage;
  const out = String(flags.out).replace(/[\\/]+$/, '');
  const wishes = ((flags.lora ?? []) as string[]).map(parseLoraWish);
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
