// What a camera node is set to: the form's values checked and put into units.

import { expected } from '../../shared/errors.js';
import { BYTES_PER_MEGABYTE } from './body.js';
import { splitLogin } from './login.js';

export const CAMERA_KINDS = ['http', 'mjpeg', 'rtsp', 'homeassistant', 'multipart'] as const;
export type CameraKind = (typeof CAMERA_KINDS)[number];

/** The form's values as they lie in a flow: numbers may be texts, and older flows may lack some. */
export interface CameraForm {
  kind?: string;
  /** With environment variables already replaced. */
  url?: string;
  entity?: string;
  trigger?: string;
  interval?: number | string;
  timeout?: number | string;
  retries?: number | string;
  most?: number | string;
  skipSame?: boolean;
  skipStill?: boolean;
  motion?: number | string;
  selfSigned?: boolean;
  allowUrl?: boolean;
  hosts?: string;
  ffmpeg?: string;
}

/** The secrets of the form. */
export interface CameraSecrets {
  user?: string;
  password?: string;
  token?: string;
}

export interface CameraSettings {
  kind: CameraKind;
  /** As entered, but without a login; '' where messages bring it. */
  url: string;
  /** Whether a login stood in it. */
  hadLogin: boolean;
  entity: string;
  secrets: CameraSecrets;
  /** Undefined: only on messages. */
  everyMs: number | undefined;
  /** For each try, from the first byte asked to the last received. */
  timeoutMs: number;
  /** Further tries after the first. */
  retries: number;
  mostBytes: number;
  skipSame: boolean;
  /** Least change in percent for a picture to be sent; undefined: all are. */
  motionPercent: number | undefined;
  selfSigned: boolean;
  allowUrl: boolean;
  /** `host` or `host:port` that `msg.url` may name besides the configured one; '*': any. */
  hosts: readonly string[];
  ffmpeg: string;
}

/** Throws `options` for the first value that cannot be meant. */
export function readSettings(form: CameraForm, secrets: CameraSecrets): CameraSettings {
  const kind = readKind(form.kind ?? 'http');
  return {
    kind,
    ...readAddress((form.url ?? '').trim(), secrets),
    entity: (form.entity ?? '').trim(),
    everyMs: form.trigger === 'interval' && form.kind !== 'multipart' ? readInterval(form) : undefined,
    timeoutMs: readNumber('the time limit', form.timeout, { usual: 10, least: 0.1, most: 300 }) * 1000,
    retries: Math.trunc(readNumber('retries', form.retries, { usual: 2, least: 0, most: 10 })),
    mostBytes:
      readNumber('the size limit', form.most, { usual: 10, least: 0.01, most: 100 }) * BYTES_PER_MEGABYTE,
    skipSame: form.skipSame ?? true,
    motionPercent: form.skipStill === true ? readMotion(form) : undefined,
    selfSigned: form.selfSigned ?? false,
    allowUrl: form.allowUrl === true && MESSAGE_KINDS.includes(kind),
    hosts: (form.hosts ?? '')
      .toLowerCase()
      .split(/[\s,;]+/)
      .filter((host) => host !== ''),
    ffmpeg: form.ffmpeg?.trim() ? form.ffmpeg.trim() : 'ffmpeg',
  };
}

/** Those that messages may point elsewhere. The token of Home Assistant has one place to go. */
const MESSAGE_KINDS: readonly CameraKind[] = ['http', 'mjpeg', 'rtsp'];

/** A login in the address counts like one that was entered, and less than that. */
function readAddress(
  text: string,
  secrets: CameraSecrets,
): Pick<CameraSettings, 'url' | 'secrets' | 'hadLogin'> {
  const address = URL.canParse(text) ? splitLogin(new URL(text)) : undefined;
  if (address?.login === undefined) return { url: text, secrets, hadLogin: false };
  const { url, login } = address;
  const isEntered = Boolean(secrets.user) || Boolean(secrets.password);
  return { url: url.href, secrets: isEntered ? secrets : { ...secrets, ...login }, hadLogin: true };
}

function readKind(kind: string): CameraKind {
  const known = CAMERA_KINDS.find((name) => name === kind);
  if (known === undefined) throw expected(`one of ${CAMERA_KINDS.join(', ')}`, "the camera's kind", kind);
  return known;
}

function readInterval({ interval }: CameraForm): number {
  return readNumber('the interval', interval, { usual: 10, least: 0.1, most: 86_400 }) * 1000;
}

function readMotion({ motion }: CameraForm): number {
  return readNumber('the least change', motion, { usual: 1, least: 0, most: 100 });
}

interface Range {
  usual: number;
  least: number;
  most: number;
}

function readNumber(name: string, given: number | string | undefined, { usual, least, most }: Range): number {
  if (given === undefined || given === '') return usual;
  const value = Number(given);
  if (!(value >= least && value <= most))
    throw expected(`a number from ${least} to ${most}`, name, given, "Correct it in the node's form");
  return value;
}
