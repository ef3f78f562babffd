// What a recipe is: from the shape of the pictures and some settings to the graphs of a training.

import type { SchedulerConfig } from '../../generators/diffusion/schedule/config.js';
import type { GeneratorIo, Side } from '../../models/entry.js';
import type { Label } from '../../models/imports/label.js';
import type { OnnxModel } from '../../models/onnx/file.js';
import type { PictureDims } from '../nets/small.js';
import type { Settings, SPECIAL } from '../settings.js';
import type { Step } from '../step.js';
import type { State, Weights } from '../weights.js';
import type { Condition } from './denoising.js';

/** Settings whose zeros the recipe has filled in. */
export interface Setting extends Settings {
  /** How often all pictures are seen by the whole training, and how many steps that are. */
  total: number;
  /** Pictures that are measured together. */
  heldBatch: number;
}

export interface Denoising {
  /** `sample [n, ...]`, `timestep [n]`, `label [n]` -> `answer [n, ...]` */
  step: Step;
  /** What each of the n shows. */
  labels: readonly number[];
  schedule: SchedulerConfig;
}

/** The graphs of one training; all share the names of its state. */
export interface Plan {
  /** Declares all that the training remembers. */
  weights: Weights;
  /** One step: takes a batch for each of the recipe's inputs, reports its losses as single numbers. */
  train: Step;
  /** Measures a batch that was held back: single numbers, whose means over all batches are told. */
  measure?: Step;
  /** Draws samples: each report is `[n, C, H, W]`, shown in this order, so many in a row. */
  sample?: Step;
  columns?: number;
  /** How samples are drawn step by step, where the recipe learns to take noise away. */
  denoise?: Denoising;
  /** `pictures [n, ...]` -> `code [n, ...]`, where the recipe has one. */
  encode?: Step;
  /** What comes out, by file name; `codes` as `encode` made them of the pictures. */
  products(state: State, codes?: readonly Float32Array[]): Record<string, OnnxModel | Uint8Array>;
}

/** A network that takes noise away, as LoRAs are learned on. */
export interface DenoiserBase {
  /** For messages. */
  name: string;
  model: OnnxModel;
  condition: Condition;
  schedule: SchedulerConfig;
}

/** What a plan is made for, beside the settings. */
export interface About {
  /** One more than the largest label; 0 without labels. */
  classes: number;
  denoiser?: DenoiserBase | undefined;
  style?: StyleBase | undefined;
}

/** A picture-to-picture network that goes on learning. */
export interface StyleBase {
  /** For messages. */
  name: string;
  model: OnnxModel;
  io: GeneratorIo;
  side: Side;
  label: Label;
}

export interface Recipe {
  /** One line for people. */
  title: string;
  /** Names of the inputs that are fed with pictures: one for each place that `--data` names. */
  inputs: readonly string[];
  /** Whether it wants to know what each picture shows, as the input `labels`. */
  takesLabels?: boolean;
  /** What kind of network it goes on from. */
  from?: 'denoiser' | 'style';
  /** Sides that its networks take. */
  sizes: Side;
  /** Channels that they take; default: either. */
  channels?: 1 | 3;
  /** Settings of some recipes that this one heeds. */
  takes?: readonly (typeof SPECIAL)[number][];
  /** Whether the pictures of its inputs belong together one by one. */
  pairs?: (setting: Settings) => boolean;
  /** Whether pictures are cropped and mirrored at random. */
  augments?: boolean;
  defaults: Pick<Settings, 'epochs' | 'batch' | 'rate' | 'size'> &
    Partial<Pick<Settings, 'holdBack' | 'width' | 'average'>> & { channels: 1 | 3 };
  /** Throws for what cannot come of the network that it goes on from, before pictures are read. */
  check?(settings: Settings, about: Omit<About, 'classes'>): void;
  plan(picture: PictureDims, setting: Setting, about: About): Plan;
}

/** Layers that take every number of a picture are large for large ones. */
export const DENSE_SIZES: Side = { multipleOf: 1, minPx: 8, maxPx: 128 };
