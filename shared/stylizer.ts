// The handle: keeps models open, runs one job after the other, closes.

import { asFailure, NigaoeError } from './errors.js';
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

/**
 * Opens a stylizer in this process. Networks block the thread while they run and can take the process down with them:
 * a server takes `openIsolatedStylizer` instead.
 */
export async function openStylizer(options: StylizerOptions = {}): Promise<Stylizer> {
  const studio = new Studio(openStore(options.store));
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;

  function next<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  }

  return {
    async stylize(bytes, given, run = {}) {
      if (closed) throw new NigaoeError('internal', 'internal: this stylizer is closed');
      const parsed = parseOptions(given);
      const acceptLicence = run.acceptLicence ?? options.acceptLicence;
      const { onProgress, explain } = watchCaller(run);
      const draw = () => stylize(bytes, parsed, studio, { ...run, onProgress, acceptLicence });
      return next(() => draw().catch(explain));
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
