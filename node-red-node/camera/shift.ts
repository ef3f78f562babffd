// The camera node at work: a message or a beat asks for a snapshot, which is judged, described and sent on.

import type { FailureCode } from '../../shared/errors.js';
import type { FlowError } from '../engine/failure.js';
import type { BeatResult } from './beat.js';
import { type Camera, type Order, openCamera, type Snapshot } from './camera.js';
import type { CameraLight } from './light.js';
import { openGreyThread } from './motion.js';
import { openWatch, type Skip } from './sameness.js';
import { cameraError } from './sentences.js';
import type { CameraSettings } from './settings.js';

/** A message as the node mutates it. */
export interface CameraMessage extends Order {
  /** The answer of an http-in node. */
  res?: unknown;
  mediaType?: string;
  camera?: { name: string; at: string; bytes: number; hash: string };
}

export interface ShiftOptions {
  settings: CameraSettings;
  /** What the node is called; '' where it has no name. */
  name: string;
  light: CameraLight;
  /** The built `motion-worker.js`. */
  workerFile: string;
  /** Told once when pictures cannot be compared for motion. */
  onBlind(mediaType: string): void;
}

export interface Shift {
  /** Puts a snapshot onto the message: true where it is to be sent on. Throws FlowError; false after `close`. */
  serve(msg: CameraMessage): Promise<boolean>;
  /** The same for the timer; undefined where a fetch runs already. */
  beat(make: () => CameraMessage, out: BeatOut): Promise<BeatResult>;
  close(): Promise<void>;
}

/** Where a beat's results go. */
export interface BeatOut {
  send(msg: CameraMessage): void;
  fail(error: FlowError, msg: CameraMessage): void;
}

export function openShift({ settings, name, light, workerFile, onBlind }: ShiftOptions): Shift {
  const { secrets, skipSame, motionPercent, retries } = settings;
  const thread = openGreyThread(workerFile);
  const camera: Camera = openCamera(settings);
  let open = true;
  const watch = openWatch({ skipSame, motionPercent, thread, onBlind: (type) => open && onBlind(type) });
  const work = async (msg: CameraMessage): Promise<boolean> => {
    light.fetching();
    const shot = await camera.take(msg, (turn) => open && light.trying(turn, retries + 1));
    const judged = await watch.judge(shot);
    // Behind an http-in node somebody waits for an answer.
    const skip = msg.res !== undefined && settings.kind !== 'multipart' ? undefined : judged;
    if (open) show(light, shot, skip);
    if (open && skip === undefined) describe(msg, shot, name);
    return open && skip === undefined;
  };
  const serve = async (msg: CameraMessage): Promise<boolean> => {
    try {
      return await work(msg);
    } catch (thrown) {
      if (!open) return false;
      const error = cameraError(thrown, [secrets.password, secrets.token]);
      light.failed(error.code);
      throw error;
    }
  };
  return {
    serve,
    beat: (make, out) => (camera.isBusy ? Promise.resolve(undefined) : beatOnce(serve, make(), out)),
    async close() {
      open = false;
      camera.close();
      await thread.close();
    },
  };
}

async function beatOnce(
  serve: Shift['serve'],
  msg: CameraMessage,
  out: BeatOut,
): Promise<FailureCode | undefined> {
  try {
    if (await serve(msg)) out.send(msg);
    return undefined;
  } catch (thrown) {
    const error = thrown as FlowError;
    out.fail(error, msg);
    return error.code;
  }
}

function show(light: CameraLight, shot: Snapshot, skip: Skip | undefined): void {
  if (skip === undefined) light.sent(shot);
  else light.skipped(skip);
}

/** The bytes are copied: orders that shared a fetch must not share what later nodes may change. */
function describe(msg: CameraMessage, { bytes, mediaType, at, hash, key }: Snapshot, name: string): void {
  msg.payload = Buffer.from(bytes);
  msg.mediaType = mediaType;
  msg.camera = { name: name === '' ? hostOf(key) : name, at: at.toISOString(), bytes: bytes.length, hash };
}

function hostOf(key: string): string {
  return URL.canParse(key) ? new URL(key).hostname : '';
}
