// Fetches models with a progress bar, and knows which ones a job will need.

import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { NigaoeError } from '../../errors.js';
import { CATALOGUE, entriesOfKind, findEntry } from '../../models/catalogue.js';
import { isStyle, type ModelEntry, type StyleEntry } from '../../models/entry.js';
import { sizeOf } from '../../models/store/layout.js';
import type { ModelStore } from '../../models/store/store.js';
import type { Options } from '../../options.js';
import type { Stage } from '../perform.js';
import { size } from '../terminal/wording.js';

/** Whether a style is named by the path of an ONNX file, as generators/open.ts sees it. */
export function isModelFile(style: string): boolean {
  return extname(style).toLowerCase() === '.onnx';
}

/**
 * The entry of a style; undefined for an ONNX file. Throws `model-unknown`. Reads the catalogue only: the networks are
 * the business of the drawing process, and loading them here would make every mistyped option take its time.
 */
export function styleEntry(style: string): StyleEntry | undefined {
  if (isModelFile(style)) return undefined;
  const entry = findEntry(style, CATALOGUE.filter(isStyle));
  return isStyle(entry) ? entry : undefined;
}

/** Models of the store that a job with these options opens. Throws `model-unknown`, `model-missing`. */
export async function modelsFor(options: Pick<Options, 'style' | 'background'>): Promise<ModelEntry[]> {
  const styles = [options.style, options.background].filter((style) => style !== '');
  const entries = styles.flatMap((style) => styleEntry(style) ?? []);
  for (const style of styles.filter(isModelFile)) await checkModelFile(style);
  return entries;
}

/** The face networks that are named; `auto` takes what is there. Throws `model-unknown`. */
export function faceModelsFor({
  detector,
  landmarker,
}: Pick<Options, 'detector' | 'landmarker'>): ModelEntry[] {
  const isNamed = (id: string) => id !== 'auto' && id !== 'embedded';
  return [
    ...(isNamed(detector) ? [findEntry(detector, entriesOfKind('detector'))] : []),
    ...(isNamed(landmarker) ? [findEntry(landmarker, entriesOfKind('landmarks'))] : []),
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
    if (!told) terminal.begin(`Fetching ${entry.id} (${size(sizeOf(entry))})`);
    told = true;
    terminal.progress({ done, total, text: `fetching ${entry.id}  ${size(done)} of ${size(total)}` });
  };
  await store.pull(entry, { acceptLicence, signal, onProgress, onNotice: (said) => terminal.notice(said) });
  terminal.clear();
}

async function checkModelFile(file: string): Promise<void> {
  if ((await stat(file).catch(() => undefined))?.isFile()) return;
  throw new NigaoeError('model-missing', `Expected a model file at ${file} but there is none`, {
    hint: 'Check the path, or name a style of `nigaoe models list`.',
  });
}
