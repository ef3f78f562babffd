// What the handle and its drawing process say to each other; it crosses by structured clone, so bytes stay bytes.

import type { Failure } from '../errors.js';
import type { Progress, StylizeResult } from '../job.js';
import type { Options } from '../options.js';
import type { StylizerOptions } from '../stylizer.js';

/** A job as it crosses; what is a function (signal, onProgress) stays with the caller. */
export interface JobRequest {
  /** An image file. */
  bytes: Uint8Array;
  options: Options;
  name?: string;
  acceptLicence?: boolean;
}

/** To the drawing process. Questions carry an id that their answer repeats. */
export type Order =
  | { type: 'open'; id: number; options: StylizerOptions }
  | { type: 'draw'; id: number; request: JobRequest }
  | { type: 'cancel'; id: number }
  | { type: 'close' };

/** `ready` answers `open`, the other two answer `draw`. */
export type Answer =
  | { type: 'ready'; id: number }
  | { type: 'result'; id: number; result: StylizeResult }
  | { type: 'failure'; id: number; failure: Failure; cause?: Error };

/** From the drawing process. */
export type Report = Answer | { type: 'progress'; id: number; progress: Progress };
