// An animated GIF or WebP as a film: ffmpeg decodes no animated WebP before version 8, and tells no loop count of either.

import { open } from 'node:fs/promises';
import { NigaoeError } from '../errors.js';
import { type Animation, framesOf, readAnimation } from '../photo/animation.js';
import { resizePhoto } from '../photo/resize.js';
import { sniffFormat } from '../photo/sniff.js';
import type { Film } from './film.js';
import type { Footage, Still } from './footage.js';
import { stillPicture } from './probe.js';
import type { FrameSize } from './size.js';

const MILLISECONDS = { num: 1, den: 1000 };
const SQUARE = { num: 1, den: 1 };

/** The animation in a file; undefined for everything that ffmpeg reads better. Throws `photo-refused` for a still picture. */
export async function probeAnimation(path: string, name: string): Promise<Film | undefined> {
  const kind = sniffFormat(await headOf(path));
  if (kind.kind === 'empty')
    throw new NigaoeError('photo-unreadable', `${name} is empty (0 bytes)`, {
      hint: 'Check that the file was copied or downloaded completely.',
    });
  if (kind.kind !== 'readable') return undefined;
  if (kind.format !== 'gif' && kind.format !== 'webp') throw stillPicture(name);
  const animation = await readAnimation(path).catch((error: unknown) => {
    throw new NigaoeError('photo-unreadable', `Expected to read ${name} but it is damaged`, { cause: error });
  });
  if (animation.delaysMs.length < 2) throw stillPicture(name);
  return filmOf(animation, path, name);
}

/** Its frames from `fromSeconds` on; some before it may come too. */
export async function openAnimation(
  film: Film,
  { size, fromSeconds = 0 }: { size: FrameSize; fromSeconds?: number | undefined },
): Promise<Footage> {
  const animation = await readAnimation(film.path);
  return {
    format: {
      ...{ width: size.width, height: size.height, aspect: SQUARE, timeBase: MILLISECONDS },
      channels: film.mayHaveAlpha ? 4 : 3,
    },
    frames: stills(film, animation, { size, fromMs: fromSeconds * 1000 }),
    close: async () => undefined,
  };
}

async function* stills(
  { path }: Film,
  animation: Animation,
  { size, fromMs }: { size: FrameSize; fromMs: number },
): AsyncGenerator<Still> {
  const times = startsOf(animation);
  const first = Math.max(0, times.filter((ms) => ms <= fromMs).length - 1);
  let at = first;
  for await (const photo of framesOf(path, animation, { first, crop: size.crop }))
    yield { pts: times[at++], photo: await resizePhoto(photo, size) };
}

/** When each frame begins, in milliseconds. */
function startsOf({ delaysMs }: Animation): number[] {
  let end = 0;
  return delaysMs.map((delay) => {
    end += delay;
    return end - delay;
  });
}

function filmOf(animation: Animation, path: string, name: string): Film {
  const { width, height, delaysMs, loop, hasAlpha } = animation;
  return {
    ...{ path, name, width, height, aspect: SQUARE, timeBase: MILLISECONDS, startSeconds: 0 },
    durationSeconds: delaysMs.reduce((sum, ms) => sum + ms, 0) / 1000,
    ...{ frames: delaysMs.length, mayHaveAlpha: hasAlpha, loop },
    ...{ audio: [], subtitles: [], chapters: [], tags: [] },
  };
}

async function headOf(path: string): Promise<Uint8Array> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4096), 0, 4096, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
