// A stylizer that takes a while and makes of a photo its own bytes: to see what a queue does with many jobs.

import { setTimeout as delay } from 'node:timers/promises';
import { throwIfCancelled } from '../../../shared/errors.js';
import type { StylizeResult } from '../../../shared/job.js';
import type { Stylizer } from '../../../shared/stylizer.js';

export function waitingStylizer(drawMs: number): Stylizer {
  return {
    async stylize(bytes, options, { signal, onProgress } = {}) {
      throwIfCancelled(signal);
      onProgress?.({ stage: 'generate', done: 0, total: 1 });
      await delay(drawMs, undefined, signal === undefined ? {} : { signal });
      return resultOf(new Uint8Array(bytes), options?.style ?? 'ink');
    },
    async close() {},
  };
}

/** What a stylizer made that has drawn nothing: these bytes as a picture. */
export function resultOf(bytes: Uint8Array, model: string): StylizeResult {
  const picture = { bytes, format: 'png' as const, width: 1, height: 1 };
  return {
    ...picture,
    pictures: [picture],
    faces: [],
    scope: 'photo',
    model,
    timings: { decode: 0, open: 0, faces: 0, crop: 0, generate: 0, blend: 0, encode: 0 },
    notices: [],
  };
}
