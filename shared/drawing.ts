// The middle of the journey, from pixels to drawn pixels: photos and the frames of films go the same way here.

import type { Face } from './faces/face.js';
import { type JobRun, StageClock } from './job.js';
import type { PullOptions } from './models/store/pull.js';
import type { StyleTraits } from './models/styles.js';
import type { Options } from './options.js';
import type { Photo } from './photo/photo.js';
import {
  checkIdle,
  DRAW_SCOPE,
  type DrawnScope,
  type Measured,
  scopeWithoutFaces,
  stylesFor,
} from './scopes.js';
import type { OpenStyle, Studio } from './studio.js';

/** A job that was looked at and can begin. */
export interface Journey {
  options: Options;
  studio: Studio;
  run: JobRun;
  clock: StageClock;
  /** Sentences for the user so far. */
  notices: string[];
  traits: StyleTraits;
  /** The option's scope, with `auto` resolved. */
  wanted: DrawnScope;
}

/** What came of a photo. */
export interface Drawing {
  /** One picture, or with scope portrait one per face; the photo itself where nothing was drawn. */
  pictures: Photo[];
  faces: readonly Face[];
  /** What was drawn; undefined where the photo was handed through. */
  scope?: DrawnScope;
  style?: OpenStyle;
  /** The styles that it was drawn in, by their names: its own, and the background's. */
  styles: readonly string[];
}

/** What frames of films bring along besides their pixels. */
export interface Continuity {
  /** The faces of a frame, from those that were found in it. */
  follow(found: readonly Face[]): readonly Face[];
  /** See `Scene.measured`. */
  measured?: Measured;
}

/** Looks at what the job asks for, before anything is decoded; throws `options`, `model-unknown`. */
export async function setOut(options: Options, studio: Studio, run: JobRun): Promise<Journey> {
  const traits = await studio.traits(options.style);
  const wanted = options.scope === 'auto' ? traits.scope : options.scope;
  checkIdle(options, wanted);
  return { options, studio, run, clock: new StageClock(run), notices: [], traits, wanted };
}

/** Looks for faces, opens the styles and has them draw. */
export async function drawPhoto(photo: Photo, journey: Journey, film?: Continuity): Promise<Drawing> {
  const { options, clock, run, notices, wanted } = journey;
  const found = await findFaces(photo, journey);
  const faces = film?.follow(found) ?? found;
  const scope = faces.length > 0 || wanted === 'photo' ? wanted : scopeWithoutFaces(wanted, options);
  const styles = stylesFor(scope, wanted, options);
  if (scope === undefined) return { pictures: [photo], faces, styles };
  const [style, background] = await openStyles(styles, journey);
  const scene = { photo, faces, style, background, options, clock, run, notices, measured: film?.measured };
  return { pictures: await DRAW_SCOPE[scope](scene), faces, scope, style, styles };
}

async function findFaces(photo: Photo, journey: Journey): Promise<Face[]> {
  const { options, studio, clock, wanted } = journey;
  if (wanted === 'photo' && !options.landmarks) return [];
  const finder = await clock.time('open', () => studio.finder(options, pullOptions(journey)));
  return clock.time('faces', () => finder.find(photo, options));
}

async function openStyles(names: readonly string[], journey: Journey): Promise<OpenStyle[]> {
  const { options, studio, clock, notices } = journey;
  const open: OpenStyle[] = [];
  for (const name of names)
    open.push(await clock.time('open', () => studio.style(name, options, pullOptions(journey))));
  const fallen = options.device === 'auto' ? [] : open.filter(({ device }) => device !== options.device);
  notices.push(...new Set(fallen.map(({ deviceReason }) => deviceReason)));
  return open;
}

function pullOptions({ run, clock, notices }: Journey): PullOptions {
  return {
    acceptLicence: run.acceptLicence,
    signal: run.signal,
    onProgress: (done, total) => clock.report({ stage: 'open', done, total }),
    onNotice: (sentence) => notices.push(sentence),
  };
}
