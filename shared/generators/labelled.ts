// Networks that draw what a label says by taking noise away: those of `nigaoe train diffusion`.

import path from 'node:path';
import { expected, NigaoeError } from '../errors.js';
import { type DenoiserLabel, type Label, labelOf, metadataOf } from '../models/imports/label.js';
import { readLora } from '../models/lora/file.js';
import type { LoraUse } from '../models/lora/fit.js';
import { keepBeside, mergeInside } from '../models/lora/inside.js';
import { readOnnx, writeOnnx } from '../models/onnx/file.js';
import { readModelFile } from '../models/read-model-file.js';
import { openSession } from '../models/session.js';
import type { Device } from '../options.js';
import type { Tensor } from '../tensor.js';
import type { LoraWish } from './diffusion/loras.js';
import type { SamplerName } from './diffusion/samplers/table.js';
import { schedulerConfig } from './diffusion/schedule/config.js';
import { drawStages } from './diffusion/stages.js';

export interface LabelledWish {
  /** What each picture is to show: whole numbers below `denoiser.classes`. */
  labels: readonly number[];
  /** What the noise of each is drawn from. */
  seeds: readonly number[];
  sampler: SamplerName;
  /** Calls of the network, at most as many as it was trained on. */
  steps: number;
  /** Stages from noise to picture that are returned; 1: the pictures alone. */
  stages: number;
}

/** An open network that draws by labels. */
export interface LabelledGenerator {
  readonly denoiser: DenoiserLabel;
  readonly label: Label;
  readonly device: string;
  /** Stages `[N,C,H,W]` in -1..1, of which the last are the pictures. Throws `options` for labels and steps that it has not. */
  draw(
    wish: LabelledWish,
    run?: { signal?: AbortSignal; onStep?: (done: number, total: number) => void },
  ): Promise<Tensor[]>;
  close(): Promise<void>;
}

export interface LabelledOptions {
  device?: Device;
  requireDevice?: boolean;
  loras?: readonly LoraWish[];
  /** Keep LoRAs beside the weights instead of merging them; both draw the same. */
  beside?: boolean;
  onNotice?: (sentence: string) => void;
}

/** Opens such a file. Throws `model-unsupported` for any other, and what reading LoRAs and the session throw. */
export async function openLabelledGenerator(
  file: string,
  { loras = [], beside = false, onNotice, ...options }: LabelledOptions = {},
): Promise<LabelledGenerator> {
  const bytes = await readModelFile(file);
  const model = readOnnx(bytes, file);
  const label = labelOf(metadataOf(model));
  const { denoiser } = label;
  if (denoiser === undefined)
    throw new NigaoeError(
      'model-unsupported',
      `Expected a network that takes noise away in ${file} but it does not say so`,
      {
        hint: 'Such files come from `nigaoe train diffusion`.',
      },
    );
  const schedule = schedulerConfig(denoiser.schedule);
  const uses = await usesOf(loras);
  if (uses.length > 0) {
    const { merged, unmatched } = (beside ? keepBeside : mergeInside)(model, uses, file);
    onNotice?.(`${merged} maps changed by ${loras.length === 1 ? 'the LoRA' : 'the LoRAs'}`);
    if (unmatched.length > 0) onNotice?.(`Not there, or not to be changed alone: ${unmatched.join(', ')}`);
  }
  const session = await openSession(uses.length > 0 ? writeOnnx(model) : bytes, { name: file, ...options });
  return {
    denoiser,
    label,
    device: session.device,
    draw(wish, run = {}) {
      check(wish, denoiser, schedule.num_train_timesteps);
      return drawStages(async (feeds) => Object.values(await session.run(feeds))[0], {
        ...wish,
        ...{ dims: denoiser.dims, schedule, signal: run.signal, onStep: run.onStep },
      });
    },
    close: () => session.close(),
  };
}

/** What LoRA files have for a network that draws. Throws what reading them throws. */
export async function usesOf(wishes: readonly LoraWish[]): Promise<LoraUse[]> {
  const uses: LoraUse[] = [];
  for (const { file, strength } of wishes) {
    const { networks } = await readLora(file);
    uses.push({ name: path.basename(file), modules: networks.unet, strength });
  }
  return uses;
}

function check({ labels, steps }: LabelledWish, { classes }: DenoiserLabel, most: number): void {
  const strange = labels.find((label) => !(Number.isInteger(label) && label >= 0 && label < classes));
  if (strange !== undefined) throw expected(`whole numbers from 0 to ${classes - 1}`, '--labels', strange);
  if (steps > most) throw expected(`at most ${most}`, '--steps', steps);
}
