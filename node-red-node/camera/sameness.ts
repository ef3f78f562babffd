// Remembers the last picture of each address, and says whether a new one brings something new.

import { differencePercent } from './grey.js';
import type { GreyThread } from './motion.js';

/** Why a picture is not sent on: it is the one before, or nothing moved in it. */
export type Skip = 'same' | 'still';

export interface Shot {
  /** Which camera: the address asked. */
  key: string;
  bytes: Buffer;
  mediaType: string;
  hash: string;
}

export interface Watch {
  /** Undefined: the picture is news, and remembered as the last that was sent. */
  judge(shot: Shot): Promise<Skip | undefined>;
}

export interface WatchOptions {
  skipSame: boolean;
  /** Undefined: motion is not looked at. */
  motionPercent: number | undefined;
  thread: GreyThread;
  /** Told once when pictures cannot be compared. */
  onBlind(mediaType: string): void;
}

interface Last {
  hash: string;
  grey: Float32Array | undefined;
}

export function openWatch({ skipSame, motionPercent, thread, onBlind }: WatchOptions): Watch {
  const last = new Map<string, Last>();
  let toldBlind = false;
  const look = async ({ bytes, mediaType }: Shot): Promise<Float32Array | undefined> => {
    const grey = mediaType === 'image/jpeg' ? await thread.greyOf(bytes) : undefined;
    if (grey === undefined && !toldBlind) onBlind(mediaType);
    toldBlind ||= grey === undefined;
    return grey;
  };
  const decide = async (shot: Shot): Promise<Skip | undefined> => {
    const before = last.get(shot.key);
    const same = before?.hash === shot.hash;
    if (same && skipSame) return 'same';
    if (same && motionPercent !== undefined) return 'still';
    const grey = motionPercent === undefined ? undefined : await look(shot);
    if (motionPercent !== undefined && isStill(grey, before?.grey, motionPercent)) return 'still';
    remember(last, shot.key, { hash: shot.hash, grey });
    return undefined;
  };
  let before: Promise<unknown> = Promise.resolve();
  return {
    // One after the other: each is compared with what the one before it left.
    judge(shot) {
      const decided = before.then(() => decide(shot));
      before = decided.catch(() => {});
      return decided;
    },
  };
}

/** Against the last picture that was sent, so that a slow change adds up and is seen. */
function isStill(grey: Float32Array | undefined, before: Float32Array | undefined, percent: number): boolean {
  return grey !== undefined && before !== undefined && differencePercent(grey, before) < percent;
}

/** Messages may name ever new addresses: the oldest is forgotten. */
function remember(last: Map<string, Last>, key: string, shot: Last): void {
  last.delete(key);
  last.set(key, shot);
  const [oldest] = last.keys();
  if (last.size > MOST_REMEMBERED) last.delete(oldest);
}
const MOST_REMEMBERED = 64;
