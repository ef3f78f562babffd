// The journey of a film: decode, draw, encode at the same time, then put together. The one file that knows the order.

import { realpath } from 'node:fs/promises';
import { NigaoeError, throwIfCancelled } from '../errors.js';
import type { Film } from './film.js';
import { secondsOf } from './footage.js';
import { mux } from './mux/mux.js';
import type { VideoOrder, VideoRun } from './order.js';
import { type Selection, selectionOf } from './selection.js';
import { Shift, type Waits } from './shift.js';
import type { Journal, Tally } from './work-folder.js';

/** What came of a film. */
export interface VideoResult extends Tally {
  width: number;
  height: number;
  waitedMs: Waits;
}

/** Draws a film into its place. What was done stays in the working folder when it fails; throws a NigaoeError. */
export async function drawVideo(order: VideoOrder, run: VideoRun): Promise<VideoResult> {
  const { folder, film, out } = order;
  const selection = selectedPart(order);
  const shift = new Shift(order, run);
  await shift.drawAll(selection);
  const { journal, waitedMs } = await shift.finish();
  if (journal.format === undefined) throw noFrames(film, order);
  throwIfCancelled(run.signal);
  run.onJoin?.();
  const { options, provenance } = order;
  const { quality, keepMetadata: keepLocation } = options;
  const part = order.part && partFrom(order.part, journal, film);
  const drawn = { ...order, part, quality, provenance, keepLocation, segments: journal.segments };
  const result = await mux({ ...drawn, signal: run.signal });
  throwIfCancelled(run.signal);
  // A link stays a link: what it points to is replaced.
  await folder.deliver(result, await realpath(out).catch(() => out));
  await folder.remove();
  const { width, height } = journal.format;
  return { ...journal.tally, width, height, waitedMs };
}

/** The part begins with its first frame, so that pictures and sound begin together. */
function partFrom(
  { toSeconds }: { toSeconds: number },
  { segments }: Journal,
  { timeBase, startSeconds }: Film,
): { fromSeconds: number; toSeconds: number } {
  return { fromSeconds: secondsOf(segments[0].firstPts, timeBase) - startSeconds, toSeconds };
}

function selectedPart({ film, part, fps, journal }: VideoOrder): Selection {
  const { timeBase, startSeconds } = film;
  const range = {
    fromSeconds: part ? startSeconds + part.fromSeconds : Number.NEGATIVE_INFINITY,
    toSeconds: part ? startSeconds + part.toSeconds : Number.POSITIVE_INFINITY,
  };
  return { ...selectionOf({ ...range, fps }, timeBase), afterPts: journal.segments.at(-1)?.lastPts };
}

function noFrames({ name }: Film, { part }: VideoOrder): NigaoeError {
  const where = part ? ` between --from and --to` : '';
  return new NigaoeError('photo-unreadable', `Expected frames in ${name}${where} but there is none`);
}
