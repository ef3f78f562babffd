// What each scope cuts out of a photo, has drawn and puts together again.

import { blendFaces } from './blend/faces.js';
import { toPhoto } from './blend/raster.js';
import { sideBySide } from './blend/side-by-side.js';
import { blendPortrait, blendWhole } from './blend/whole.js';
import type { Crop } from './crop/crop.js';
import { cropFace } from './crop/face.js';
import { cropWhole } from './crop/whole.js';
import type { Face } from './faces/face.js';
import { drawLandmarks } from './faces/overlay.js';
import type { JobRun, StageClock } from './job.js';
import type { Options, Scope } from './options.js';
import { invert, mapPoint } from './photo/affine.js';
import type { Photo } from './photo/photo.js';
import type { OpenStyle } from './studio.js';
import type { Tensor } from './tensor.js';

/** A photo and everything that drawing it needs. */
export interface Scene {
  photo: Photo;
  faces: readonly Face[];
  style: OpenStyle;
  /** The style for what is not a face; only scope faces has one. */
  background?: OpenStyle;
  options: Options;
  clock: StageClock;
  run: JobRun;
  notices: string[];
}

export type DrawnScope = Exclude<Scope, 'auto'>;

/** One drawing function per scope; a scope without one is a type error. */
export const DRAW_SCOPE: Record<DrawnScope, (scene: Scene) => Promise<Photo[]>> = {
  photo: async (scene) => [await finish(scene, await drawWhole(scene, scene.style))],
  faces: async (scene) => [await finish(scene, await drawFaces(scene))],
  portrait: drawPortraits,
};

async function drawWhole({ photo, options, clock, run, notices }: Scene, style: OpenStyle): Promise<Photo> {
  const maxSidePx = options.maxSide > 0 ? options.maxSide : style.side.maxPx;
  const crop = await clock.time('crop', () => cropWhole(photo, maxSidePx));
  const [, , height, width] = crop.pixels.dims;
  if (width < photo.width) notices.push(reduced(photo, width, height, style.id));
  const pixels = await clock.time('generate', () => style.draw(crop.pixels, run));
  return clock.time('blend', () => blendWhole(photo, pixels, options.strength));
}

async function drawFaces(scene: Scene): Promise<Photo> {
  const { photo, background, options, clock } = scene;
  const drawn = await drawCrops(scene);
  const base = background ? await drawWhole(scene, background) : photo;
  return clock.time('blend', () => blendFaces(base, drawn, { strength: options.strength }));
}

async function drawPortraits(scene: Scene): Promise<Photo[]> {
  const { photo, faces, options, clock } = scene;
  const drawn = await drawCrops(scene);
  return clock.time('blend', () =>
    Promise.all(
      drawn.map(async ({ crop, pixels }, index) => {
        const portrait = withLandmarks(blendPortrait(photo, crop, pixels, options.strength), options, [
          landmarksIn(crop, faces[index]),
        ]);
        return options.sideBySide ? sideBySide(toPhoto(crop.pixels, photo), portrait) : portrait;
      }),
    ),
  );
}

async function drawCrops({
  photo,
  faces,
  style,
  options,
  clock,
  run,
}: Scene): Promise<{ crop: Crop; pixels: Tensor }[]> {
  const { expand, size: sizePx, pad } = options;
  const drawn: { crop: Crop; pixels: Tensor }[] = [];
  for (const { landmarks } of faces) {
    const crop = await clock.time('crop', () => cropFace(photo, landmarks, { expand, sizePx, pad }));
    clock.report({ stage: 'generate', done: drawn.length, total: faces.length });
    drawn.push({ crop, pixels: await clock.time('generate', () => style.draw(crop.pixels, run)) });
  }
  return drawn;
}

async function finish({ photo, faces, options, clock }: Scene, drawn: Photo): Promise<Photo> {
  return clock.time('blend', () => {
    const marked = withLandmarks(drawn, options, faces);
    return options.sideBySide ? sideBySide(photo, marked) : marked;
  });
}

function withLandmarks(
  drawn: Photo,
  { landmarks }: Options,
  faces: readonly Pick<Face, 'landmarks'>[],
): Photo {
  return landmarks ? drawLandmarks(drawn, faces) : drawn;
}

function landmarksIn({ toPhoto: cropToPhoto }: Crop, { landmarks }: Face): Pick<Face, 'landmarks'> {
  const toCrop = invert(cropToPhoto);
  return { landmarks: landmarks.map((point) => mapPoint(toCrop, point)) };
}

function reduced(photo: Photo, width: number, height: number, id: string): string {
  return `${id} drew the photo at ${width} x ${height} and enlarged the drawing to ${photo.width} x ${photo.height}; --max-side sets another limit`;
}
