// What a training goes on from: the network of an earlier one, or an exported one.

import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { expected, NigaoeError } from '../errors.js';
import { networkPath, readDiffusionFolder } from '../generators/diffusion/folder.js';
import { schedulerConfig } from '../generators/diffusion/schedule/config.js';
import type { Licence } from '../models/entry.js';
import { knownEntryOf } from '../models/imports/known-file.js';
import { labelOf, metadataOf } from '../models/imports/label.js';
import { readStyleNetwork } from '../models/imports/style-network.js';
import { takeIn } from '../models/onnx/external.js';
import { type OnnxModel, readOnnx } from '../models/onnx/file.js';
import { hasFloat16, widenToFloat32 } from '../models/onnx/float32.js';
import { readModelFile } from '../models/read-model-file.js';
import { allEntries } from '../models/store/installed.js';
import { openStore } from '../models/store/store.js';
import { findStyle, isStyleFile, nameOfStyleFile } from '../models/styles.js';
import type { DenoiserBase, Recipe, StyleBase } from '../train/recipes/recipe.js';
import type { Settings } from '../train/settings.js';
import type { Pictures } from './data/pictures.js';
import { openStudy } from './data/study.js';
import type { Order } from './order.js';

/** An open base. */
export interface Base {
  denoiser?: DenoiserBase;
  style?: StyleBase;
  /** Size and channels of the pictures that it knows. */
  settings: Partial<Pick<Settings, 'size' | 'channels'>>;
  /** Tells it from others. */
  print: string;
  /** Pictures as its network takes them. */
  prepared(pictures: Pictures): Promise<Pictures>;
  close(): Promise<void>;
}

/** Opens what `--from` names, where the recipe wants that. Throws `options` where nothing is named, and what reading it throws. */
export async function openBase(
  { from: kind }: Recipe,
  from: string,
  order: Order,
): Promise<Base | undefined> {
  if (kind === undefined) return undefined;
  if (from === '') throw expected('a network to go on from', '--from', 'none', KINDS[kind]);
  if (kind === 'style') return styleBase(from, order);
  const found = await stat(from).catch(() => undefined);
  return found?.isDirectory() ? folderBase(from, order) : fileBase(from);
}

const KINDS = {
  denoiser: 'denoiser.onnx of `nigaoe train diffusion`, or a Stable Diffusion folder.',
  style: 'A style by its id, an .onnx file, or a checkpoint.',
} as const;

const printed = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

/** `denoiser.onnx` of a training here. */
async function fileBase(file: string): Promise<Base> {
  const bytes = await readModelFile(file);
  const model = readOnnx(bytes, file);
  const { denoiser } = labelOf(metadataOf(model));
  if (denoiser === undefined)
    throw new NigaoeError(
      'model-unsupported',
      `Expected a network that takes noise away in ${file} but it does not say so`,
      {
        hint: 'Such files come from `nigaoe train diffusion`.',
      },
    );
  const { dims, classes, schedule } = denoiser;
  return {
    denoiser: {
      name: file,
      model,
      schedule: schedulerConfig(schedule),
      condition: { kind: 'label', classes },
    },
    settings: { size: dims[1], channels: dims[0] === 1 ? '1' : '3' },
    print: printed(bytes),
    prepared: (pictures) => Promise.resolve(pictures),
    close: () => Promise.resolve(),
  };
}

/** The UNet of a Stable Diffusion folder, which sees latents and hears words. */
async function folderBase(root: string, { settings = {}, signal, onNotice }: Order): Promise<Base> {
  const folder = await readDiffusionFolder(root);
  if (folder.unetChannels !== 4)
    throw new NigaoeError(
      'model-unsupported',
      `Expected a UNet of 4 channels in ${root} but it takes ${folder.unetChannels}`,
      {
        hint: 'LoRAs are learned on networks that draw from nothing; networks that fill in take them too.',
      },
    );
  const file = networkPath(root, 'unet');
  const { device, requireDevice, prompt = '' } = settings;
  const study = await openStudy(folder, { device, requireDevice, prompt, signal, onNotice });
  return {
    denoiser: {
      name: file,
      model: await wholeModel(file),
      schedule: schedulerConfig(folder.scheduler.config),
      condition: { kind: 'words', dims: study.wordDims },
    },
    settings: { size: folder.fixed.widthPx ?? 512, channels: '3' },
    print: printed(await readFile(file)),
    prepared: (pictures) => study.prepared(pictures),
    close: () => study.close(),
  };
}

/** A style of the catalogue or of a file, which may be anyone's. */
async function styleBase(from: string, { signal, onNotice }: Order): Promise<Base> {
  const { path: file, title, licence } = await placeOf(from, signal);
  const { model, io, side, label } = await readStyleNetwork(file);
  await takeIn(model, path.dirname(file));
  if (hasFloat16(model)) widenToFloat32(model);
  const known = licence ?? (await knownEntryOf(file))?.licence ?? label.licence;
  if (known && !known.commercial) onNotice?.(`${from}: ${known.notice}`);
  const { minPx, maxPx, multipleOf } = side;
  const px = Math.ceil(Math.max(minPx, Math.min(maxPx, USUAL_PX)) / multipleOf) * multipleOf;
  return {
    style: { name: from, model, io, side, label: { ...label, title: label.title ?? title, licence: known } },
    settings: { size: px, channels: '3' },
    print: printed(await readFile(file)),
    prepared: (pictures) => Promise.resolve(pictures),
    close: () => Promise.resolve(),
  };
}
/** Large enough for lines, small enough for steps of seconds. */
const USUAL_PX = 256;

async function placeOf(
  from: string,
  signal: AbortSignal | undefined,
): Promise<{ path: string; title: string; licence?: Licence | undefined }> {
  if (isStyleFile(from)) return { path: from, title: nameOfStyleFile(from) };
  const store = openStore();
  const entry = findStyle(from, await allEntries(store));
  if (entry.files.length === 0)
    throw expected(
      'a style with a network of its own',
      '--from',
      from,
      'It is drawn by rules, which do not learn.',
    );
  return { path: await store.ensure(entry, { signal }), title: entry.title, licence: entry.licence };
}

/** With all of its weights, in float32. */
async function wholeModel(file: string): Promise<OnnxModel> {
  const model = readOnnx(await readFile(file), file);
  await takeIn(model, path.dirname(file));
  if (hasFloat16(model)) widenToFloat32(model);
  return model;
}
