// What the command line asks for -> the order of a film; all that can be wrong with it is found here, before any work.

import { stat } from 'node:fs/promises';
import path from 'node:path';
import { expected, NigaoeError } from '../../errors.js';
import type { ModelEntry } from '../../models/entry.js';
import { editionOfFile, isStyleFile, traitsOf } from '../../models/styles.js';
import { flagOf, type Options, parseOptions, parseTable } from '../../options.js';
import type { DrawnScope } from '../../scopes.js';
import { provenanceOf } from '../../signature.js';
import { probeAnimation } from '../../video/animation.js';
import { containerOf } from '../../video/containers.js';
import { colourNotices } from '../../video/decode.js';
import type { Film } from '../../video/film.js';
import { fingerprintOf } from '../../video/fingerprint.js';
import { sideNotices } from '../../video/mux/sides.js';
import type { VideoOrder } from '../../video/order.js';
import { checkWithin, probe } from '../../video/probe.js';
import { frameSize } from '../../video/size.js';
import { findTools } from '../../video/tools.js';
import { WorkFolder } from '../../video/work-folder.js';
import { type FlagValues, given, tableValues } from '../flags.js';
import { checkWritable } from '../outputs/target.js';
import { FRAME_OPTIONS, REFUSED_OPTIONS, VIDEO_OPTIONS } from './options.js';
import { parseTime } from './times.js';

/** An order whose journal is still to be looked for. */
export interface PlannedVideo extends Omit<VideoOrder, 'journal'> {
  fingerprint: string;
  /** What will not come through as it is. */
  notices: string[];
}

/** The options that each frame is drawn with; throws `options` for those that films have no use for. */
export function frameOptions(flags: FlagValues): Options {
  for (const [name, reason] of Object.entries(REFUSED_OPTIONS))
    if (flags[name] !== undefined) throw expected(`no ${flagOf(name)}`, 'a film', flags[name], reason);
  const { maxSide, quality, keepMetadata } = filmOptions(flags);
  const frame = tableValues(flags, FRAME_OPTIONS);
  const parsed = parseOptions({ ...frame, maxSide, quality, keepMetadata });
  if (parsed.scope === 'portrait') {
    const hint =
      'Portraits are one picture per face: draw single frames with `nigaoe stylize --scope portrait`.';
    throw expected('auto, photo or faces', '--scope', parsed.scope, hint);
  }
  // A frame without faces is no failure in a film; the background is drawn in all of them.
  return { ...parsed, noFace: parsed.background === '' ? 'skip' : 'photo' };
}

/** Looks at film and place. `entries` are all known styles. Throws a NigaoeError. */
export async function planVideo(
  word: string,
  flags: FlagValues,
  {
    options: asked,
    entries,
    signal,
  }: { options: Options; entries: readonly ModelEntry[]; signal: AbortSignal },
): Promise<PlannedVideo> {
  const out = String(flags.out);
  const container = containerOf(out);
  const { fps, freeze, from, to } = filmOptions(flags);
  const times = { from: parseTime(from, '--from'), to: parseTime(to, '--to') };
  const file = await filmFile(word);
  await checkPlace(out, file, flags.force === true);
  const tools = await findTools();
  const film = (await probeAnimation(file, word)) ?? (await probe(file, word, signal));
  const part = partOf(film, times);
  const scope = await scopeOf(asked, entries);
  const options = { ...asked, scope };
  const styles = [options.style, options.background].filter((style) => style !== '');
  const size = frameSize(film, options.maxSide, container.segments !== 'lossless');
  const settings = { options, container: container.name, part, fps, freeze, size };
  return {
    ...{ film, out, container, tools, size, part, fps, freeze, options },
    provenance: provenanceOf(await Promise.all(styles.map((style) => traitsOf(style, entries)))),
    folder: new WorkFolder(path.resolve(out)),
    fingerprint: await fingerprintOf(file, { ...settings, editions: await editionsOf(styles, entries) }),
    notices: [...colourNotices(film, tools), ...sideNotices(film, container)],
  };
}

const filmOptions = (flags: FlagValues) =>
  parseTable(VIDEO_OPTIONS, given(flags, Object.keys(VIDEO_OPTIONS)));

async function filmFile(word: string): Promise<string> {
  const isAddress = /^[a-z][a-z0-9+.-]+:\/\//i.test(word);
  const found = await stat(word).catch(() => undefined);
  if (found?.isFile()) return path.resolve(word);
  const hint =
    word === '-' || isAddress
      ? 'Save it first: a film is read more than once, and from the middle.'
      : found?.isDirectory()
        ? 'It is a folder: films are drawn one at a time.'
        : 'There is no file of this name; check it, and quote names with spaces.';
  throw expected('a video file', 'the film', word, hint);
}

async function checkPlace(out: string, film: string, force: boolean): Promise<void> {
  const found = await stat(out).catch(() => undefined);
  if (found?.isDirectory()) throw expected('a file', '--out', out, 'It is a folder.');
  const source = await stat(film);
  if (found?.ino === source.ino && found.dev === source.dev)
    throw expected('another file than the film itself', '--out', out, 'Films are never overwritten.');
  if (found !== undefined && !force)
    throw expected('a new file', '--out', out, 'It is there already; --force replaces it.');
  await checkWritable(path.dirname(out));
}

function partOf(
  film: Film,
  { from, to }: { from?: number | undefined; to?: number | undefined },
): VideoOrder['part'] {
  if (from === undefined && to === undefined) return undefined;
  const [fromSeconds, toSeconds] = [from ?? 0, to ?? Number.POSITIVE_INFINITY];
  if (toSeconds <= fromSeconds) throw expected('a time after --from', '--to', to);
  checkWithin(film, fromSeconds);
  return { fromSeconds, toSeconds };
}

/** Styles that are meant for portraits draw the faces of films. */
async function scopeOf(
  { style, scope, background }: Options,
  entries: readonly ModelEntry[],
): Promise<DrawnScope> {
  const own = scope === 'auto' ? (await traitsOf(style, entries)).scope : scope;
  const drawn = own === 'portrait' ? 'faces' : own;
  if (background === '' || drawn === 'faces') return drawn;
  const hint = '--background needs --scope faces: it draws what is not a face.';
  throw expected('scope faces', '--background', drawn, hint);
}

const editionsOf = (styles: readonly string[], entries: readonly ModelEntry[]) =>
  Promise.all(
    styles.map((style) =>
      isStyleFile(style) ? editionOfFile(style) : entries.find(({ id }) => id === style)?.files,
    ),
  );

/** How many frames will be drawn, as far as anybody knows; 0 where nobody does. */
export function expectedFrames({ film, part, fps }: Pick<VideoOrder, 'film' | 'part' | 'fps'>): number {
  const { durationSeconds, frames } = film;
  if (durationSeconds <= 0) return frames;
  const seconds = part ? Math.min(part.toSeconds, durationSeconds) - part.fromSeconds : durationSeconds;
  const rate = frames / durationSeconds;
  return Math.max(1, Math.round(seconds * (fps > 0 ? Math.min(fps, rate) : rate)));
}

/** `options`: hours of work are not thrown away by a command that was given twice. */
export function unfinished(out: string, frames: number): NigaoeError {
  const hint = '--resume goes on there; --force begins anew.';
  return new NigaoeError(
    'options',
    `Expected --resume or --force for ${out} but received neither: ${frames} frames of it are drawn already`,
    { hint },
  );
}
