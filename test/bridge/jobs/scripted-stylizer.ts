// A stylizer that does what a test tells it to, job by job.

import { NigaoeError } from '../../../shared/errors.js';
import type { JobRun, Progress, StylizeResult } from '../../../shared/job.js';
import type { PartialOptions } from '../../../shared/options.js';
import type { Stylizer } from '../../../shared/stylizer.js';

/** A job that is being drawn until the test ends it. */
export interface Scene {
  bytes: Uint8Array;
  options: PartialOptions | undefined;
  run: JobRun;
  report(progress: Progress): void;
  /** Ends with pictures of so many bytes each. */
  finish(...pictureBytes: number[]): void;
  fail(error: unknown): void;
}

export class ScriptedStylizer implements Stylizer {
  /** Jobs that were drawn at the same moment, at most. */
  mostAtOnce = 0;
  drawn = 0;
  #now = 0;
  #ready: Scene[] = [];
  #wanted: ((scene: Scene) => void)[] = [];

  /** With `deaf`, jobs go on when they are cancelled. */
  constructor(private readonly deaf = false) {}

  /** The next job that has begun and was not asked for yet. */
  next(): Promise<Scene> {
    const ready = this.#ready.shift();
    return ready === undefined
      ? new Promise((resolve) => this.#wanted.push(resolve))
      : Promise.resolve(ready);
  }

  async stylize(bytes: Uint8Array, options?: PartialOptions, run: JobRun = {}): Promise<StylizeResult> {
    this.drawn += 1;
    this.#now += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#now);
    try {
      return await new Promise((resolve, reject) => this.#stage(bytes, options, run, resolve, reject));
    } finally {
      this.#now -= 1;
    }
  }

  async close(): Promise<void> {}

  #stage(
    bytes: Uint8Array,
    options: PartialOptions | undefined,
    run: JobRun,
    resolve: (result: StylizeResult) => void,
    reject: (error: unknown) => void,
  ): void {
    const stop = () => reject(new NigaoeError('cancelled', 'The job was cancelled'));
    if (!this.deaf) run.signal?.addEventListener('abort', stop);
    const scene: Scene = {
      bytes,
      options,
      run,
      report: (progress) => run.onProgress?.(progress),
      finish: (...sizes) => resolve(resultOf(sizes.length === 0 ? [10] : sizes)),
      fail: reject,
    };
    const wanted = this.#wanted.shift();
    if (wanted === undefined) this.#ready.push(scene);
    else wanted(scene);
  }
}

/** Pictures whose bytes are all their own index. */
function resultOf(sizes: number[]): StylizeResult {
  const pictures = sizes.map((size, index) => {
    return { bytes: new Uint8Array(size).fill(index), format: 'png' as const, width: size, height: 1 };
  });
  return {
    ...pictures[0],
    pictures,
    faces: [{ box: { x: 1, y: 2, width: 3, height: 4 }, score: 0.5, landmarks: [[1, 2]] }],
    scope: 'portrait',
    model: 'scripted',
    device: 'cpu',
    deviceReason: 'it was asked for',
    timings: { decode: 1, open: 0, faces: 2, crop: 3, generate: 4, blend: 5, encode: 6 },
    notices: ['a sentence'],
  };
}
