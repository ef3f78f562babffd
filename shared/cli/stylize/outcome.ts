// What came of a photo, for people and for programs.

import type { StylizeResult } from '../../job.js';
import { count, seconds } from '../terminal/wording.js';

/** Whether the photo was drawn, or handed through as `--no-face skip` wishes. */
export function statusOf({ device }: StylizeResult): 'drawn' | 'skipped' {
  return device === undefined ? 'skipped' : 'drawn';
}

/** `1920 x 1280, 3 faces, ink on cpu, 2.1 s`. */
export function drawnLine(result: StylizeResult, tookMs: number): string {
  const { width, height, faces, scope, model, device } = result;
  const looked = scope !== 'photo' || faces.length > 0;
  const drawn = device === undefined ? 'skipped: no face' : `${model} on ${device}`;
  const parts = [
    `${width} x ${height}`,
    ...(looked ? [count(faces.length, 'face')] : []),
    drawn,
    seconds(tookMs),
  ];
  return parts.join(', ');
}

/** The fields of a drawn photo in `--json`; times in milliseconds. */
export function drawnObject(result: StylizeResult): object {
  const { scope, width, height, faces, model, device, timings, notices } = result;
  const rounded = Object.entries(timings).map(([stage, ms]) => [stage, Math.round(ms * 10) / 10]);
  return {
    scope,
    width,
    height,
    faces: faces.map(({ box, score }) => ({ box, score })),
    model,
    device,
    timings: Object.fromEntries(rounded) as object,
    notices,
  };
}
