// The one interface of everything that draws: a crop's pixels in, drawn pixels of the same geometry out.

import type { RealDevice } from '../models/device.js';
import type { Side } from '../models/entry.js';
import type { DiffusionOptions, Options, SomeOf } from '../options.js';
import type { Tensor } from '../tensor.js';
import type { Canvas } from './parts/canvas.js';

/** What drawing over a picture may be told. */
type Wishes = Omit<DiffusionOptions, 'lora'> & Pick<Options, 'seed' | 'strength'>;

/** What one call may be told. A generator ignores what it has no use for; what is left out takes the default of its option. */
export interface Run extends SomeOf<Wishes> {
  /** Raised to cancel; looked at between steps, because a running network cannot be interrupted. */
  signal?: AbortSignal;
  /** Steps done and steps in all. */
  onProgress?: (done: number, total: number) => void;
  /** Sentences for the user. */
  onNotice?: (sentence: string) => void;
  /**
   * What is measured of the whole picture, taken from another one that `study` looked at: frames of one shot are drawn in the
   * same colours with it. Left out, the picture speaks for itself.
   */
  statistics?: Statistics;
}

/** Means, deviations and the like over whole feature maps of one picture, by the name of their value in the network. */
export type Statistics = ReadonlyMap<string, Tensor>;

/** Draws pictures. Not for concurrent calls. */
export interface Generator {
  readonly id: string;
  readonly device: RealDevice;
  /** Why there: what was asked for, and what came of better devices. */
  readonly deviceReason: string;
  /** Sides that it takes as they are; the crops that reach it are planned by this. */
  readonly side: Side;
  /** Whether a run's strength is how far it redraws: its pictures are then not mixed with what they were drawn over. */
  readonly redraws?: boolean;
  /**
   * Draws planar RGB float32 `[1,3,H,W]` in -1..1 and returns the same shape and range.
   * @throws `cancelled` when `run.signal` was raised before or between its steps
   */
  generate(pixels: Tensor, run?: Run): Promise<Tensor>;
  /**
   * Measures a picture `[1,3,H,W]` in -1..1 for `run.statistics`. Absent, or of nothing, where every pixel is drawn from its
   * neighbourhood alone and where what is measured cannot be told apart.
   */
  study?(pixels: Tensor): Promise<Statistics>;
  /**
   * Draws a picture of any size tile by tile, in memory that does not grow with it; false, and nothing is drawn, where the
   * network can only draw it whole. Throws as `generate`.
   */
  paint?(canvas: Canvas, run?: Run): Promise<boolean>;
  /** Gives the memory back; a closed generator cannot be used again. */
  close(): Promise<void>;
}
