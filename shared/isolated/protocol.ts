// What the handle and its drawing process say to each other; it crosses by structured clone, so bytes stay bytes.

import type { Failure } from '../errors.js';
import type { DrawnFrame, Frame } from '../film/frame.js';
import type { Progress, StylizeResult } from '../job.js';
import type { Options } from '../options.js';
import type { StylizerOptions } from '../stylizer.js';

/** What a job works on: an image file, or a frame of a film. */
export type Work = { bytes: Uint8Array } | { frame: Frame };

/** A job as it crosses; what is a function (signal, onProgress) stays with the caller. */
export type JobRequest = Work & {
  options: Options;
  name?: string;
  acceptLicence?: boolean;
};

/** What comes of a file, or of a frame. */
export type JobResult = StylizeResult | DrawnFrame;

/** To the drawing process. Questions carry an id that their answer repeats. */
export type Order =
  | { type: 'open'; id: number; options: StylizerOptions }
  | { type: 'draw'; id: number; request: JobRequest }
  | { type: 'cancel'; id: number }
  | { type: 'close' };

/** `ready` answers `open`, the other two answer `draw`. */
export type Answer =
  | { type: 'ready'; id: number }
  | { type: 'result'; id: number; result: JobResult }
  | { type: 'failure'; id: number; failure: Failure; cause?: Error };

/** From the drawing process. */
export type Report = Answer | { type: 'progress'; id: number; progress: Progress };
