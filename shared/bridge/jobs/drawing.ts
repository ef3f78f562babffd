// What a stylizer tells and makes, in the words of the protocol.

import type { Stylizer } from '../../stylizer.js';
import type { ResultInfo } from '../protocol.js';
import type { ResultPicture } from './queue.js';

type Stylize = Stylizer['stylize'];
type DrawingRun = NonNullable<Parameters<Stylize>[2]>;
/** What a job made. */
export type Drawing = Awaited<ReturnType<Stylize>>;
/** Where a job is. */
export type DrawingProgress = Parameters<NonNullable<DrawingRun['onProgress']>>[0];

/** Everything about a drawing but its bytes. */
export function describeDrawing({ faces, model, scope, device, timings, ...drawing }: Drawing): ResultInfo {
  return {
    pictures: drawing.pictures.map(({ bytes, format, width, height }) => {
      return { format, type: mediaType(format), width, height, bytes: bytes.byteLength };
    }),
    faces: faces.map(({ box: { x, y, width, height }, score }) => ({ x, y, width, height, score })),
    model,
    scope,
    ...(device === undefined ? {} : { device }),
    timings: { ...timings },
    notices: [...drawing.notices],
  };
}

/** The bytes of a drawing. */
export function picturesOf({ pictures }: Drawing): ResultPicture[] {
  return pictures.map(({ bytes, format }) => ({ bytes, type: mediaType(format) }));
}

const mediaType = (format: string): string => `image/${format}`;
