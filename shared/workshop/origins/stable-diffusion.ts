// The UNet of a Stable Diffusion folder, which sees latents and hears words.

import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expected, NigaoeError } from '../../errors.js';
import { type DiffusionFolder, networkPath, readDiffusionFolder } from '../../generators/diffusion/folder.js';
import { LATENT_CHANNELS } from '../../generators/diffusion/latents.js';
import { schedulerConfig } from '../../generators/diffusion/schedule/config.js';
import { isExternal, locationOf } from '../../models/onnx/external.js';
import { readOutline } from '../../models/onnx/outline.js';
import { readWidened } from '../../models/onnx/widened.js';
import type { Settings } from '../../train/settings.js';
import type { Origin, OriginOptions } from './origin.js';
import { printOfBytes } from './origin.js';
import { openStudy } from './study.js';

/** A whole network learns from one picture at a time, and slowly. */
const DEFAULTS: Partial<Settings> = { batch: 1, rate: 1e-4, channels: '3' };
const USUAL_PX = 512;

/** Throws `model-unsupported` for networks that fill in, and what reading the folder and hearing the prompt throw. */
export async function folderOrigin(root: string, options: OriginOptions): Promise<Origin> {
  const folder = await readDiffusionFolder(root);
  if (folder.unetChannels !== LATENT_CHANNELS) throw fillsIn(root, folder.unetChannels);
  const only = { ...fixedSize(folder), channels: '3' } as const;
  const file = networkPath(root, 'unet');
  const print = await printOfNetwork(file);
  const { device, requireDevice, prompt } = options.settings;
  const study = await openStudy(folder, { ...options, device, requireDevice, prompt });
  return {
    denoiser: {
      name: file,
      model: await readWidened(file),
      schedule: schedulerConfig(folder.scheduler.config),
      condition: { kind: 'words', dims: study.wordDims },
    },
    ...{ defaults: { ...DEFAULTS, size: only.size ?? USUAL_PX }, only, print },
    prepared: (pictures) => study.prepared(pictures),
    close: () => study.close(),
  };
}

const fillsIn = (root: string, channels: number): NigaoeError =>
  new NigaoeError('model-unsupported', `Expected a UNet of 4 channels in ${root} but it takes ${channels}`, {
    hint: 'LoRAs are learned on networks that draw from nothing; networks that fill in take them too.',
  });

/** Pictures are squares. */
function fixedSize({ root, fixed: { widthPx, heightPx } }: DiffusionFolder): { size?: number } {
  if (widthPx !== heightPx)
    throw expected(
      'a folder that draws squares',
      '--from',
      root,
      `It draws ${widthPx} x ${heightPx} px only.`,
    );
  return widthPx === undefined ? {} : { size: widthPx };
}

/** How much of a file of weights tells it from others. */
const SAMPLE_BYTES = 2 ** 16;

/** The graph, and of each file beside it the size, the start and the end. */
async function printOfNetwork(file: string): Promise<string> {
  const { graph } = await readOutline(file);
  const beside = new Set(graph.initializer.filter(isExternal).map((weight) => locationOf(weight).file));
  const parts: Uint8Array[] = [await readFile(file)];
  for (const name of beside) parts.push(...(await sampleOf(path.join(path.dirname(file), name))));
  return printOfBytes(...parts);
}

async function sampleOf(file: string): Promise<Uint8Array[]> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const length = Math.min(SAMPLE_BYTES, size);
    const [start, end] = [Buffer.alloc(length), Buffer.alloc(length)];
    await handle.read(start, 0, length, 0);
    await handle.read(end, 0, length, size - length);
    return [Buffer.from(String(size)), start, end];
  } finally {
    await handle.close();
  }
}
