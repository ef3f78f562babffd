// The handle: keeps models open, runs one job after the other, closes.

import { asFailure, NigaoeError } from './errors.js';
import { type DrawnFrame, drawFrame, type Frame } from './film/frame.js';
import type { JobRun, Progress, StylizeResult } from './job.js';
import type { StoreOptions } from './models/store/settings.js';
import { openStore } from './models/store/store.js';
import { type PartialOptions, parseOptions } from './options.js';
import { Studio } from './studio.js';
import { stylize } from './stylize.js';

/** Plain data, so that it can cross to a child process. */
export interface StylizerOptions {
  /** Where models are kept and fetched from; default: what the environment says. */
  store?: StoreOptions;
  /** Accept the licences of models that are not free for commercial use; default false. */
  acceptLicence?: boolean;
}

/** Draws photos; jobs wait for each other. */
export interface Stylizer {
  /**
   * Draws one photo. `bytes` is an image file, not pixels.
   * @throws NigaoeError; `cancelled` when `run.signal` is raised. What `run.onProgress` throws is thrown on unchanged.
   */
  stylize(bytes: Uint8Array, options?: PartialOptions, run?: JobRun): Promise<StylizeResult>;
  /** Waits for the jobs and gives the models back; later calls throw. */
  close(): Promise<void>;
}

/** Draws films as well, frame after frame. */
export interface FilmStylizer extends Stylizer {
  /**
   * Draws one frame, with scope photo or faces. What came of the frame before is handed on by the caller, who may keep it.
   * @throws as `stylize`
   */
  drawFrame(frame: Frame, options?: PartialOptions, run?: JobRun): Promise<DrawnFrame>;
}

/**
 * Opens a stylizer in this process. Networks block the thread while they run and can take the process down with them:
 * a server takes `openIsolatedStylizer` instead.
 */
export async function openStylizer(options: StylizerOptions = {}): Promise<FilmStylizer> {
  const studio = new Studio(openStore(options.store));
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;

  function next<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  }

  async function job<Result>(run: JobRun, draw: (run: JobRun) => Promise<Result>): Promise<Result> {
    if (closed) throw new NigaoeError('internal', 'internal: this stylizer is closed');
    const acceptLicence = run.acceptLicence ?? options.acceptLicence;
    const { onProgress, explain } = watchCaller(run);
    return next(() => draw({ ...run, onProgress, acceptLicence }).catch(explain));
  }

  return {
    async stylize(bytes, given, run = {}) {
      const parsed = parseOptions(given);
      return job(run, (watched) => stylize(bytes, parsed, studio, watched));
    },
    async drawFrame(frame, given, run = {}) {
      const parsed = parseOptions(given);
      return job(run, (watched) => drawFrame(frame, parsed, studio, watched));
    },
    close() {
      closed = true;
      return next(() => studio.close().catch(throwFailure));
    },
  };
}

/** Tells what the caller's own callback threw from what the job died of: the latter is always a NigaoeError. */
function watchCaller(run: JobRun) {
  let thrown: { error: unknown } | undefined;
  return {
    onProgress(progress: Progress): void {
      try {
        run.onProgress?.(progress);
      } catch (error) {
        thrown = { error };
        throw error;
      }
    },
    explain(error: unknown): never {
      if (thrown?.error === error) throw error;
      return throwFailure(error);
    },
  };
}

function throwFailure(error: unknown): never {
  throw asFailure(error);
}
