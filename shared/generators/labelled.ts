// Networks that draw what a label says by taking noise away: those of `nigaoe train diffusion`.

import { expected } from '../errors.js';
import { type DenoiserLabel, denoiserIn, type Label, labelOf, metadataOf } from '../models/imports/label.js';
import { keepBeside, mergeInside } from '../models/lora/inside.js';
import { readOnnx, writeOnnx } from '../models/onnx/file.js';
import { readModelFile } from '../models/read-model-file.js';
import { openSession } from '../models/session.js';
import type { Device } from '../options.js';
import type { Tensor } from '../tensor.js';
import { type LoraWish, unetUses, unmatchedWords } from './diffusion/loras.js';
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
  const [label, denoiser] = [labelOf(metadataOf(model)), denoiserIn(model, file)];
  const schedule = schedulerConfig(denoiser.schedule);
  const uses = await unetUses(loras, onNotice);
  if (uses.length > 0) {
    const { merged, unmatched } = (beside ? keepBeside : mergeInside)(model, uses, file);
    onNotice?.(`${merged} maps changed by ${loras.length === 1 ? 'the LoRA' : 'the LoRAs'}`);
    if (unmatched.length > 0) onNotice?.(unmatchedWords(unmatched));
  }
  const session = await openSession(uses.length > 0 ? writeOnnx(model) : bytes, { name: file, ...options });
  return {
    denoiser,
    label,
    device: session.device,
    async draw(wish, run = {}) {
      check(wish, denoiser, schedule.num_train_timesteps);
      const stages = await drawStages(async (feeds) => Object.values(await session.run(feeds))[0], {
        ...wish,
        ...{ dims: denoiser.dims, schedule, signal: run.signal, onStep: run.onStep },
      });
      checkNumbers(stages[stages.length - 1], wish);
      return stages;
    },
    close: () => session.close(),
  };
}

function check({ labels, steps, stages }: LabelledWish, { classes }: DenoiserLabel, most: number): void {
  const strange = labels.find((label) => !(Number.isInteger(label) && label >= 0 && label < classes));
  if (strange !== undefined) throw expected(`whole numbers from 0 to ${classes - 1}`, '--labels', strange);
  if (steps > most) throw expected(`at most ${most}`, '--steps', steps);
  // Noise before all steps, and what is left after each.
  if (stages > steps + 1) throw expected(`at most ${steps + 1}, one more than --steps`, '--stages', stages);
}

/** Some samplers divide by the difference of two timesteps, which are one where there are too many. */
function checkNumbers({ data }: Tensor, { sampler, steps }: LabelledWish): void {
  if (data.every(Number.isFinite)) return;
  throw expected(
    `fewer steps for the sampler ${sampler}`,
    '--steps',
    steps,
    'The picture is no numbers any more.',
  );
}
