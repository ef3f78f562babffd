// What a stylizer tells and makes, in the words of the protocol.

import type { Stylizer } from '../../stylizer.js';
import type { ResultInfo } from '../protocol.js';

type Stylize = Stylizer['stylize'];
type DrawingRun = NonNullable<Parameters<Stylize>[2]>;
/** What a job made. */
export type Drawing = Awaited<ReturnType<Stylize>>;
/** Where a job is. */
export type DrawingProgress = Parameters<NonNullable<DrawingRun['onProgress']>>[0];

/** A picture that was drawn, wherever its bytes lie. */
export interface StoredPicture {
  /** Media type. */
  type: string;
  byteLength: number;
  /** Throws a failure in words for clients where the bytes are no longer there. */
  read(): Promise<Uint8Array>;
}

/** What came of a job. */
export interface Drawn {
  info: ResultInfo;
  pictures: readonly StoredPicture[];
}

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

/** What a stylizer made, with its bytes at hand. */
export function drawnHere(drawing: Drawing): Drawn {
  const pictures = drawing.pictures.map(({ bytes, format }) => ({
    type: mediaType(format),
    byteLength: bytes.byteLength,
    read: async () => bytes,
  }));
  return { info: describeDrawing(drawing), pictures };
}

const mediaType = (format: string): string => `image/${format}`;
