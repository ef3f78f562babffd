// The journey of a frame: pixels of a film in, drawn pixels out, with what is to be remembered for the next one.

import { drawPhoto, setOut } from '../drawing.js';
import type { JobRun, Timings } from '../job.js';
import type { RealDevice } from '../models/device.js';
import type { Options } from '../options.js';
import type { Photo } from '../photo/photo.js';
import type { DrawnScope } from '../scopes.js';
import type { Studio } from '../studio.js';
import { continuityOf, rememberInto, type ShotMemory } from './memory.js';

/** One frame of a film. */
export interface Frame {
  photo: Photo;
  /** When it is shown. */
  timeMs: number;
  /** What came of the frame before it; left out for the first. */
  memory?: ShotMemory | undefined;
  /** Draw the whole shot in the colours of its first frame. */
  freeze: boolean;
}

/** What came of a frame. */
export interface DrawnFrame {
  photo: Photo;
  /** For the next frame. */
  memory: ShotMemory;
  /** Faces in it. */
  faces: number;
  scope: DrawnScope;
  /** Style id. */
  model: string;
  /** Absent where nothing was drawn. */
  device?: RealDevice | undefined;
  timings: Timings;
  notices: string[];
}

/** Draws a frame with scope photo or faces; `studio` lends the open models. Throws a NigaoeError. */
export async function drawFrame(
  { photo, timeMs, memory: before, freeze }: Frame,
  options: Options,
  studio: Studio,
  run: JobRun,
): Promise<DrawnFrame> {
  const journey = await setOut(options, studio, run);
  const memory = rememberInto(photo, before);
  const { pictures, faces, scope, style } = await drawPhoto(
    photo,
    journey,
    continuityOf(memory, timeMs, freeze),
  );
  return {
    photo: pictures[0],
    memory,
    faces: faces.length,
    scope: scope ?? journey.wanted,
    model: style?.id ?? journey.traits.id,
    device: style?.device,
    timings: journey.clock.timings,
    notices: journey.notices,
  };
}
