// A Stable Diffusion folder in ONNX, as diffusers and optimum lay them out: what is there, and what is missing.

import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { NigaoeError } from '../../errors.js';
import { checkExternal } from '../../models/onnx/external.js';
import type { OnnxModel } from '../../models/onnx/file.js';
import { readOutline } from '../../models/onnx/outline.js';
import { checkRunnable } from '../../models/runnable.js';
import { type FixedSides, fixedSides, takenDims } from './fixed.js';
import { tableRows } from './text/words.js';

/** The parts that are networks, by the names of their folders. */
export type NetworkName = 'text_encoder' | 'unet' | 'vae_decoder' | 'vae_encoder' | 'safety_checker';

interface Part {
  /** Below the folder. */
  file: string;
  isNeeded: boolean;
  /** What it is for, for people. */
  use: string;
}

const network = (name: NetworkName, use: string, isNeeded = true): Part => ({
  file: `${name}/model.onnx`,
  isNeeded,
  use,
});

/** What a folder is made of. */
export const PARTS = {
  text_encoder: network('text_encoder', 'reads the prompt'),
  unet: network('unet', 'takes the noise away'),
  vae_decoder: network('vae_decoder', 'makes pixels of latents'),
  vae_encoder: network(
    'vae_encoder',
    'makes latents of pixels; only drawing from nothing does without',
    false,
  ),
  safety_checker: network(
    'safety_checker',
    'looks for pictures that are not for everyone, which come back black',
    false,
  ),
  vocabulary: { file: 'tokenizer/vocab.json', isNeeded: true, use: 'the words of the prompt' },
  merges: { file: 'tokenizer/merges.txt', isNeeded: true, use: 'how words are put together' },
  scheduler: {
    file: 'scheduler/scheduler_config.json',
    isNeeded: true,
    use: 'the noise that it was trained on',
  },
} as const satisfies Record<string, Part>;
export type PartName = keyof typeof PARTS;

/** One part of a folder as it was found. */
export interface FoundPart {
  name: PartName;
  /** Its file below the folder, there or not. */
  file: string;
  isThere: boolean;
  isNeeded: boolean;
  use: string;
  bytes: number;
}

/** Looks at every part; throws nothing. */
export async function lookInto(root: string): Promise<FoundPart[]> {
  return Promise.all(
    Object.entries(PARTS).map(async ([name, { file, isNeeded, use }]) => {
      const found = await stat(path.join(root, file)).catch(() => undefined);
      return {
        ...{ name: name as PartName, file, isNeeded, use },
        ...{ isThere: found?.isFile() === true, bytes: found?.size ?? 0 },
      };
    }),
  );
}

/** A folder with all that a picture takes. */
export interface DiffusionFolder {
  readonly root: string;
  /** The networks that are there. */
  readonly has: ReadonlySet<NetworkName>;
  /** Class of the scheduler, and the keys of its file. */
  readonly scheduler: { readonly class: string; readonly config: Readonly<Record<string, unknown>> };
  /** Latents are what the encoder says, times this. */
  readonly scalingFactor: number;
  /** Channels that the UNet takes: 9 where it was trained to fill in. */
  readonly unetChannels: number;
  /** Tokens that the text encoder's table has rows for, where that can be told. */
  readonly tokenRows: number | undefined;
  /** The only sides that it draws, where its exporter fixed them. */
  readonly fixed: FixedSides;
}

/** Of Stable Diffusion 1 and 2. */
const SCALING_FACTOR = 0.18215;

/**
 * Reads what a folder says of itself. Throws `model-missing` with all that is missing, `model-unsupported` for pipelines of
 * another make, such as SDXL's two text encoders, and for networks that onnxruntime cannot run.
 */
export async function readDiffusionFolder(root: string): Promise<DiffusionFolder> {
  const parts = await lookInto(root);
  const missing = parts.filter(({ isThere, isNeeded }) => isNeeded && !isThere);
  if (missing.length > 0) throw incomplete(root, missing, parts.length);
  if ((await stat(path.join(root, 'text_encoder_2')).catch(() => undefined)) !== undefined)
    throw new NigaoeError(
      'model-unsupported',
      `Expected one text encoder in ${root} but it has two, as SDXL does`,
      {
        hint: 'Take a folder of Stable Diffusion 1, 2, Turbo or LCM.',
      },
    );
  const config = await readJson(path.join(root, 'scheduler/scheduler_config.json'));
  const vae = await readJson(path.join(root, 'vae_decoder/config.json')).catch(() => ({}) as Json);
  const unet = await readJson(path.join(root, 'unet/config.json')).catch(() => ({}) as Json);
  const index = await readJson(path.join(root, 'model_index.json')).catch(() => ({}) as Json);
  const { in_channels: said } = unet;
  // Exporters leave the number of channels open; the pipeline's name tells it where nothing else does.
  const isFiller = /InpaintPipeline$/.test(String(index._class_name));
  const found = parts.filter(({ isThere, name }) => isThere && !OTHERS.includes(name));
  const has = found.map(({ name }) => name as NetworkName);
  const outlines = await readOutlines(root, has);
  return {
    root,
    has: new Set(has),
    scheduler: { class: String(config._class_name ?? 'PNDMScheduler'), config },
    tokenRows: outlines.text_encoder && tableRows(outlines.text_encoder),
    fixed: fixedSides(root, outlines),
    unetChannels: channelsOf(outlines.unet) ?? (typeof said === 'number' ? said : isFiller ? 9 : 4),
    scalingFactor: typeof vae.scaling_factor === 'number' ? vae.scaling_factor : SCALING_FACTOR,
  };
}

const OTHERS: readonly PartName[] = ['vocabulary', 'merges', 'scheduler'];

/**
 * The graphs of networks without their weights. Throws what reading them throws, and `model-unsupported` for one that
 * cannot be run.
 */
async function readOutlines(root: string, names: readonly NetworkName[]): Promise<Outlines> {
  const outlines: Outlines = {};
  for (const name of names) {
    const file = networkPath(root, name);
    const outline = await readOutline(file);
    await checkExternal(outline, path.dirname(file));
    await checkRunnable(outline, { part: `${name} of ${root}`, file: PARTS[name].file });
    outlines[name] = outline;
  }
  return outlines;
}

const channelsOf = (unet: OnnxModel | undefined): number | undefined => unet && takenDims(unet)[1];

type Outlines = Partial<Record<NetworkName, OnnxModel>>;

/** The file of a network of the folder. */
export const networkPath = (root: string, name: NetworkName): string => path.join(root, PARTS[name].file);

function incomplete(root: string, missing: readonly FoundPart[], all: number): NigaoeError {
  const files = missing.map(({ file }) => file).join(', ');
  const message =
    missing.length === all || missing.length >= 6
      ? `Expected a Stable Diffusion folder in ONNX at ${root} but it is none`
      : `Expected a whole Stable Diffusion folder at ${root} but it lacks ${files}`;
  return new NigaoeError('model-missing', message, {
    hint: 'Fetch the ONNX version of the model, with all of its folders; `nigaoe models inspect FOLDER` tells what is there.',
  });
}

type Json = Record<string, unknown>;

async function readJson(file: string): Promise<Json> {
  const text = await readFile(file, 'utf8');
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw new NigaoeError('model-corrupt', `Expected JSON in ${file} but it is damaged`, {
      hint: 'Fetch the folder again.',
      cause,
    });
  }
}
