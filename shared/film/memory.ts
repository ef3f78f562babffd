// What is remembered from frame to frame of a film: plain data, so that it crosses to other processes and waits on the disk.

import type { Continuity } from '../drawing.js';
import { facesOf, followFaces, NO_TRACKS, type Tracks } from '../faces/track.js';
import type { Photo } from '../photo/photo.js';
import type { Measured } from '../scopes.js';
import { fadesIn, isBlank, isCut, type Look, lookAt } from './look.js';

export interface ShotMemory {
  /** Which shot of the film it is, from 1; 0 before anything was to be seen. */
  shot: number;
  /** What the last frame looked like. */
  look: Look;
  /** Whether the shot comes out of blank frames and is not fully there yet. */
  isFadingIn: boolean;
  tracks: Tracks;
  /** What styles measured of the first frame; see `Scene.measured`. */
  measured: Measured;
}

/** The memory with which a frame is drawn: that of the frame before, or a new one where a shot begins. */
export function rememberInto(photo: Photo, before: ShotMemory | undefined): ShotMemory {
  const look = lookAt(photo);
  if (before === undefined) return begun(isBlank(look) ? 0 : 1, look);
  if (isBlank(look)) return { ...before, look };
  if (isBlank(before.look)) return { ...begun(before.shot + 1, look), isFadingIn: true };
  if (isCut(before.look, look)) return begun(before.shot + 1, look);
  const isFadingIn = before.isFadingIn && fadesIn(before.look, look);
  // What was measured of a picture that was not all there must not last.
  const measured: Measured = before.isFadingIn ? new Map() : before.measured;
  return { ...before, look, isFadingIn, measured };
}

/** Lets a frame be drawn as a part of its shot; `freeze`: in the colours of the first frame. Changes `memory`. */
export function continuityOf(memory: ShotMemory, timeMs: number, freeze: boolean): Continuity {
  return {
    follow(found) {
      memory.tracks = followFaces(memory.tracks, found, timeMs);
      return facesOf(memory.tracks);
    },
    ...(freeze && { measured: memory.measured }),
  };
}

function begun(shot: number, look: Look): ShotMemory {
  return { shot, look, isFadingIn: false, tracks: NO_TRACKS, measured: new Map() };
}
