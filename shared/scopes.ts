// What each scope cuts out of a photo, has drawn and puts together again.

import { blendFaces } from './blend/faces.js';
import { blankLike, mixPhotos, putPart, toPhoto } from './blend/raster.js';
import { sideBySide } from './blend/side-by-side.js';
import { blendDrawn, blendPortrait, blendWhole } from './blend/whole.js';
import type { Crop } from './crop/crop.js';
import { cropFace } from './crop/face.js';
import { cropWhole, planesOf, reducedSize, reduceWhole } from './crop/whole.js';
import { expected, NigaoeError } from './errors.js';
import type { Face } from './faces/face.js';
import { drawLandmarks } from './faces/overlay.js';
import { MOST_WHOLE_PX } from './generators/gan.js';
import type { Run, Statistics } from './generators/generator.js';
import type { Canvas } from './generators/parts/canvas.js';
import type { JobRun, Progress, StageClock } from './job.js';
import type { Side } from './models/entry.js';
import { DIFFUSION_NAMES, flagOf, isDiffusion, OPTIONS, type Options, type Scope } from './options.js';
import { invert, mapPoint } from './photo/affine.js';
import type { Photo } from './photo/photo.js';
import type { OpenStyle } from './studio.js';
import type { Tensor } from './tensor.js';

/** A photo and everything that drawing it needs. */
interface Scene {
  photo: Photo;
  faces: readonly Face[];
  style: OpenStyle;
  /** The style for what is not a face; only scope faces has one. */
  background?: OpenStyle;
  options: Options;
  clock: StageClock;
  run: JobRun;
  notices: string[];
  /** What styles measured of the first frame of a shot: frames are then drawn in its colours. Photos have none. */
  measured?: Measured | undefined;
}

/** By style and by what it drew, the whole frame or one of the faces. */
export type Measured = Map<string, Statistics>;

export type DrawnScope = Exclude<Scope, 'auto'>;

/** One drawing function per scope; a scope without one is a type error. */
export const DRAW_SCOPE: Record<DrawnScope, (scene: Scene) => Promise<Photo[]>> = {
  photo: async (scene) => [await finish(scene, await drawWhole(scene, scene.style, scene.style.mix))],
  faces: async (scene) => [await finish(scene, await drawFaces(scene))],
  portrait: drawPortraits,
};

/** Throws `options` for what would change nothing: a background that nobody sees, a prompt that no style heeds. */
export function checkIdle(options: Options, wanted: DrawnScope): void {
  const { style, background } = options;
  if (background && wanted !== 'faces') throw expected('scope faces', '--background', wanted);
  if (isDiffusion(style) || isDiffusion(background)) return;
  const idle = DIFFUSION_NAMES.find((name) => String(options[name]) !== String(OPTIONS[name].default));
  if (idle === undefined) return;
  const hint = 'It makes no difference there: only sd: styles heed it.';
  throw expected(`no ${flagOf(idle)}`, `the style ${style}`, String(options[idle]), hint);
}

/** The scope of a photo without faces, as `noFace` wants it; undefined hands the photo through as it is. Throws `no-face`. */
export function scopeWithoutFaces(wanted: DrawnScope, { noFace }: Options): DrawnScope | undefined {
  if (noFace === 'photo') return 'photo';
  if (noFace === 'skip') return undefined;
  throw new NigaoeError(
    'no-face',
    `Expected a face for scope ${wanted} but the photo shows none that was found`,
    {
      hint: 'Use --scope photo, or --no-face photo for photos without faces; lower values of --min-face and --min-score find more.',
    },
  );
}

/**
 * The styles of a picture: its own, and the background's if there is one. Without a face the background is all that there
 * is to draw.
 */
export function stylesFor(
  scope: DrawnScope | undefined,
  wanted: DrawnScope,
  { style, background }: Options,
): string[] {
  if (background === '') return [style];
  return scope === 'photo' && wanted === 'faces' ? [background] : [style, background];
}

async function drawWhole(scene: Scene, style: OpenStyle, mix: number): Promise<Photo> {
  const { photo, options, clock, notices } = scene;
  const maxSidePx = options.maxSide > 0 && !isFixed(style.side) ? options.maxSide : style.side.maxPx;
  const { width, height } = reducedSize(photo, maxSidePx);
  if (width < photo.width) notices.push(reduced(photo, width, height, style));
  const step = { done: 0, total: 1 };
  const painted = width * height > MOST_WHOLE_PX ? await paintWhole(scene, style, maxSidePx) : undefined;
  if (painted) return clock.time('blend', () => blendDrawn(photo, painted, mix));
  const crop = await clock.time('crop', () => cropWhole(photo, maxSidePx));
  const draw = () => drawCrop(crop, { scene, style, step, subject: WHOLE });
  const pixels = await clock.time('generate', draw, step);
  clock.report({ stage: 'generate', done: 1, total: 1 });
  return clock.time('blend', () => blendWhole(photo, pixels, mix));
}

/** Tile by tile from bytes to bytes: as floats a large photo takes more memory than drawing it. */
async function paintWhole(scene: Scene, style: OpenStyle, maxSidePx: number): Promise<Photo | undefined> {
  const { photo, clock } = scene;
  if (style.paint === undefined) return undefined;
  const reduced = await clock.time('crop', () => reduceWhole(photo, maxSidePx));
  const drawn = blankLike(reduced);
  const canvas: Canvas = {
    height: reduced.height,
    width: reduced.width,
    read: (part) => planesOf(reduced, part),
    write: (part, pixels, from) => putPart(drawn, part, pixels, from),
  };
  const step = { done: 0, total: 1 };
  const isDone = await clock.time(
    'generate',
    async () => {
      const statistics = await statisticsFor(() => planesOf(reduced), { scene, style, subject: WHOLE });
      return style.paint!(canvas, { ...runFor(scene, step), ...(statistics && { statistics }) });
    },
    step,
  );
  if (isDone) clock.report({ stage: 'generate', done: 1, total: 1 });
  return isDone ? drawn : undefined;
}

/** The subject of a crop that shows all of the photo. */
const WHOLE = 'whole';

interface CropWork {
  scene: Scene;
  style: OpenStyle;
  step: Omit<Progress, 'stage'>;
  /** What the crop shows, the same in all frames of a shot. */
  subject: string;
}

async function drawCrop({ pixels }: Crop, { scene, style, step, subject }: CropWork): Promise<Tensor> {
  const statistics = await statisticsFor(() => pixels, { scene, style, subject });
  return style.draw(pixels, { ...runFor(scene, step), ...(statistics && { statistics }) });
}

/** What was measured of this subject before, or is now. */
async function statisticsFor(
  pixels: () => Tensor,
  { scene: { measured }, style, subject }: Omit<CropWork, 'step'>,
): Promise<Statistics | undefined> {
  if (!measured || !style.study) return undefined;
  const key = `${style.id} ${subject}`;
  const known = measured.get(key) ?? (await style.study(pixels()));
  measured.set(key, known);
  return known;
}

/** What the style is told of one crop, the `done`-th of all; each sentence of it is said once. */
function runFor({ clock, run, notices }: Scene, { done, total }: Omit<Progress, 'stage'>): Run {
  return {
    signal: run.signal,
    onProgress(stepsDone, steps) {
      if (steps > 1)
        clock.report({ stage: 'generate', done, total, step: { done: stepsDone, total: steps } });
    },
    onNotice: (sentence) => notices.includes(sentence) || notices.push(sentence),
  };
}

/** A network of one fixed size takes no other; the largest side of all others is advice that a user may overrule. */
const isFixed = ({ minPx, maxPx }: Side): boolean => minPx === maxPx;

async function drawFaces(scene: Scene): Promise<Photo> {
  const { photo, style, background, clock } = scene;
  const drawn = await drawCrops({ ...scene, faces: largeEnough(scene) });
  if (!background) return clock.time('blend', () => blendFaces(photo, drawn, style.mix));
  // Both drawings at full strength first: a face mixed into a mixed background would show more of the photo than it.
  const base = await drawWhole(scene, background, 1);
  return clock.time('blend', () =>
    mixPhotos(photo, blendFaces(base, drawn), Math.max(style.mix, background.mix)),
  );
}

/** The faces that the style can draw: enlarged beyond what they show, some networks leave eyes and mouth out. */
function largeEnough({ faces, style, notices }: Scene): readonly Face[] {
  const { minFacePx = 0 } = style.side;
  const large = faces.filter(({ box }) => (box.width + box.height) / 2 >= minFacePx);
  const small = faces.length - large.length;
  if (small > 0)
    notices.push(
      `${small} of ${faces.length} faces stay as they are: ${style.id} draws faces from ${minFacePx} px on`,
    );
  return large;
}

async function drawPortraits(scene: Scene): Promise<Photo[]> {
  const { photo, faces, style, options, clock } = scene;
  const drawn = await drawCrops(scene);
  return clock.time('blend', () =>
    Promise.all(
      drawn.map(async ({ crop, pixels }, index) => {
        const portrait = withLandmarks(blendPortrait(photo, crop, pixels, style.mix), options, [
          landmarksIn(crop, faces[index]),
        ]);
        return options.sideBySide ? sideBySide(toPhoto(crop.pixels, photo), portrait) : portrait;
      }),
    ),
  );
}

async function drawCrops(scene: Scene): Promise<{ crop: Crop; pixels: Tensor }[]> {
  const { photo, faces, style, options, clock, notices } = scene;
  const { expand, size, pad } = options;
  const sizePx = isFixed(style.side) ? style.side.maxPx : size;
  if (size !== sizePx && size !== OPTIONS.size.default)
    notices.push(`${style.id} draws at ${sizePx} px only: --size ${size} has no effect`);
  const drawn: { crop: Crop; pixels: Tensor }[] = [];
  for (const { landmarks, track } of faces) {
    const crop = await clock.time('crop', () => cropFace(photo, landmarks, { expand, sizePx, pad }));
    const step = { done: drawn.length, total: faces.length };
    const draw = () => drawCrop(crop, { scene, style, step, subject: `face ${track}` });
    drawn.push({ crop, pixels: await clock.time('generate', draw, step) });
  }
  clock.report({ stage: 'generate', done: drawn.length, total: faces.length });
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

function reduced(photo: Photo, width: number, height: number, { id, side }: OpenStyle): string {
  const limit = isFixed(side) ? `it draws at ${side.maxPx} px only` : '--max-side sets another limit';
  return `${id} drew the photo at ${width} x ${height} and enlarged the drawing to ${photo.width} x ${photo.height}; ${limit}`;
}
