// What a stylize job is told while it runs and what comes out of it: plain data, fit for any wire.

import { throwIfCancelled } from './errors.js';
import type { Face } from './faces/face.js';
import type { RealDevice } from './models/device.js';
import type { Scope } from './options.js';
import type { OutputFormat } from './photo/photo.js';

/** The stations of a job, in order; `open` fetches and loads the models when they are not open yet. */
export const STAGES = ['decode', 'open', 'faces', 'crop', 'generate', 'blend', 'encode'] as const;
export type Stage = (typeof STAGES)[number];
/** Milliseconds per stage; a stage that did not happen is 0. */
export type Timings = Record<Stage, number>;

/** Where a job is. In `generate` `done` of `total` crops are drawn, in `open` bytes fetched; elsewhere both are 0. */
export interface Progress {
  stage: Stage;
  done: number;
  total: number;
  /** In `generate`, for styles that draw in steps: those of the crop that is drawn now. */
  step?: { done: number; total: number };
}

export interface JobRun {
  /** Raised to cancel; the job then fails with `cancelled`. */
  signal?: AbortSignal;
  /** What it throws ends the job, which then fails with it. */
  onProgress?: (progress: Progress) => void;
  /** Name of the photo in error sentences. */
  name?: string;
  /** Accept the licence of a model that is not free for commercial use, if one must be fetched. */
  acceptLicence?: boolean;
}

/** One picture file. */
export interface Picture {
  bytes: Uint8Array;
  format: OutputFormat;
  width: number;
  height: number;
}

/** What a job made; the fields of `Picture` are those of the first picture. */
export interface StylizeResult extends Picture {
  /** All pictures: one, or with scope portrait one per face, left to right. */
  pictures: Picture[];
  /** Faces in photo pixels, left to right; empty where the scope did not look for any. */
  faces: Face[];
  /** What was drawn: the scope with `auto` resolved. */
  scope: Exclude<Scope, 'auto'>;
  /** Style id. */
  model: string;
  /** Device that the style really ran on; absent when nothing was drawn. */
  device?: RealDevice;
  /** Why it ran there: what was asked for, and what came of better devices. */
  deviceReason?: string;
  timings: Timings;
  /** Sentences for the user: frames left out, sizes reduced, devices that fell back. */
  notices: string[];
}

/** Times the stages of one job, reports them, and stops between them when the job is cancelled. */
export class StageClock {
  readonly timings = Object.fromEntries(STAGES.map((stage) => [stage, 0])) as Timings;
  readonly #run: JobRun;

  constructor(run: JobRun) {
    this.#run = run;
  }

  /** Runs one stage, `step` of it where it has several; times of repeated stages add up. */
  async time<Result>(
    stage: Stage,
    work: () => Promise<Result> | Result,
    step: Omit<Progress, 'stage'> = { done: 0, total: 0 },
  ): Promise<Result> {
    throwIfCancelled(this.#run.signal);
    this.report({ stage, ...step });
    const startMs = performance.now();
    try {
      return await work();
    } finally {
      this.timings[stage] += performance.now() - startMs;
    }
  }

  report(progress: Progress): void {
    this.#run.onProgress?.(progress);
  }
}
