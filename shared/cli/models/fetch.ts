// Fetches models with a progress bar, and knows which ones a job will need.

import { stat } from 'node:fs/promises';
import { NigaoeError } from '../../errors.js';
import { checkEncoder } from '../../generators/diffusion/check.js';
import { readDiffusionFolder } from '../../generators/diffusion/folder.js';
import { parseLoraWish } from '../../generators/diffusion/loras.js';
import { checkStrength } from '../../generators/diffusion/start.js';
import { entriesOfKind, findEntry } from '../../models/catalogue.js';
import type { ModelEntry } from '../../models/entry.js';
import { bytesOfEntry } from '../../models/store/layout.js';
import type { ModelStore } from '../../models/store/store.js';
import { findStyle, isStyleFile, pathOfStyle } from '../../models/styles.js';
import { DIFFUSION_PREFIX, isDiffusion, type Options } from '../../options.js';
import type { Stage } from '../perform.js';
import { size } from '../terminal/wording.js';
import { isDiffusionFolder } from './inspect-folder.js';

type StyleOptions = Pick<Options, 'style' | 'background' | 'lora' | 'steps' | 'strength'>;

/** Those of `entries` that a job with these options opens as styles. Throws `model-unknown`, `model-missing`. */
export async function stylesFor(
  options: StyleOptions,
  entries: readonly ModelEntry[],
): Promise<ModelEntry[]> {
  const styles = [options.style, options.background].filter((style) => style !== '');
  const named: ModelEntry[] = [];
  for (const id of styles.filter((style) => !isStyleFile(style))) named.push(await styleNamed(id, entries));
  for (const style of styles.filter(isStyleFile))
    await (isDiffusion(style) ? checkDiffusion(pathOfStyle(style), options) : checkModelFile(style));
  return named;
}

/** The face networks that are named; `auto` takes what is there. Throws `model-unknown`. */
export function faceModelsFor({
  detector,
  landmarker,
}: Pick<Options, 'detector' | 'landmarker'>): ModelEntry[] {
  const isNamed = (id: string) => id !== 'auto' && id !== 'embedded';
  return [
    ...(isNamed(detector) ? [findEntry(detector, entriesOfKind('detector'), 'face model')] : []),
    ...(isNamed(landmarker) ? [findEntry(landmarker, entriesOfKind('landmarks'), 'face model')] : []),
  ];
}

/** Makes a model's files be there and right, and shows how far it is; throws what the store throws. */
export async function fetchModel(
  store: ModelStore,
  entry: ModelEntry,
  { acceptLicence, stage }: { acceptLicence: boolean; stage: Stage },
): Promise<void> {
  const { terminal, signal } = stage;
  let told = false;
  const onProgress = (done: number, total: number) => {
    if (!told) terminal.begin(`Fetching ${entry.id} (${size(bytesOfEntry(entry) ?? total)})`);
    told = true;
    terminal.progress({ done, total, text: `fetching ${entry.id}  ${size(done)} of ${size(total)}` });
  };
  await store.pull(entry, { acceptLicence, signal, onProgress, onNotice: (said) => terminal.notice(said) });
  terminal.clear();
}

/** An id that nobody knows may be meant as what lies here under that name. */
async function styleNamed(id: string, entries: readonly ModelEntry[]): Promise<ModelEntry> {
  try {
    return findStyle(id, entries);
  } catch (error) {
    if (id === '' || (await stat(id).catch(() => undefined)) === undefined) throw error;
    const message = `Expected the id of a known style but received ${JSON.stringify(id)}`;
    const name = (await isDiffusionFolder(id)) ? `${DIFFUSION_PREFIX}${id}` : `./${id}`;
    const hint = `A file or folder of that name lies here: write ${name} to draw with it.`;
    throw new NigaoeError('model-unknown', message, { hint, cause: error });
  }
}

/** Before any photo is read: all that drawing over pictures takes is there. */
async function checkDiffusion(root: string, options: StyleOptions): Promise<void> {
  checkStrength(options);
  checkEncoder(await readDiffusionFolder(root));
  for (const { file } of options.lora.map(parseLoraWish)) await checkModelFile(file, 'Check the path.');
}

const PATH_OR_ID = 'Check the path, or name a style of `nigaoe models list`.';

async function checkModelFile(file: string, hint = PATH_OR_ID): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (await isDiffusionFolder(file))
    throw new NigaoeError(
      'model-unsupported',
      `Expected a model file at ${file} but it is Stable Diffusion`,
      {
        hint: `Write ${DIFFUSION_PREFIX}${file} to draw with it.`,
      },
    );
  // A folder may hold a network as raw variables; whether it does is found out when it is opened.
  if (found?.isFile() || found?.isDirectory()) return;
  throw new NigaoeError('model-missing', `Expected a model file at ${file} but there is none`, { hint });
}
