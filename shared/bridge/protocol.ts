// What the bridge and its clients say to each other: plain types, their parsers, and the numbers that both sides must know.
// It runs in Node.js, in browsers and in Figma's sandbox alike, and so needs nothing of any of them.

import type { Failure } from '../errors.js';
import type { FieldSpec, Options } from '../options.js';

/** Grows when an old client can no longer speak to a new bridge. */
export const API_VERSION = 1;
/** The port of the bridge. It is never moved silently: front ends have it in their manifests. */
export const DEFAULT_PORT = 8826;
/** Image files that the bridge takes as a body. */
export const IMAGE_TYPES = [
  'image/jpeg',
  // A common misspelling, which cameras send.
  'image/jpg',
  'image/png',
  'image/webp',
  'image/gif',
  'image/avif',
  'image/tiff',
  'image/heic',
] as const;

export const JOB_STATES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** How urgent a job is: `interactive` while a person waits for it, which is the default, `batch` while nobody does. */
export const PRIORITIES = ['interactive', 'batch'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** Answer of `GET /health`, which needs no token. */
export interface Health {
  name: 'nigaoe';
  version: string;
  apiVersion: number;
  /** Whether codes are traded; where they are not, every program needs a token. Older bridges do not say. */
  pairing?: boolean;
}

/** Body of `POST /pair`, which needs no token. */
export interface PairRequest {
  /** Six digits. */
  code: string;
  /** Who asks, for the list of tokens: `Figma on Mac`. */
  name: string;
}

export interface PairAnswer {
  /** Goes into `Authorization: Bearer`. Told once: the bridge keeps only its hash. */
  token: string;
  /** Id of the token in `nigaoe tokens list`. */
  id: string;
}

/** Answer of `GET /v1/pairing`, which only the bridge's own page may ask. */
export interface PairingInfo {
  /** The six digits to type into a front end. */
  code: string;
  /** ISO 8601, UTC. */
  expiresAt: string;
}

/** Body of every answer that is not 2xx. */
export interface FailureBody {
  error: Failure;
}

/** Where a running job is; `fraction` of the whole is a guess for progress bars, 0..1. */
export interface JobProgress {
  stage: string;
  done: number;
  total: number;
  fraction: number;
}

/** One picture of a result. */
export interface PictureInfo {
  format: string;
  /** Media type, such as `image/png`. */
  type: string;
  width: number;
  height: number;
  bytes: number;
}

/** What a job made; the bytes are fetched with `GET /v1/jobs/:id/result?picture=0`. */
export interface ResultInfo {
  /** One, or with scope portrait one per face, left to right. */
  pictures: PictureInfo[];
  /** Boxes in photo pixels, left to right. */
  faces: { x: number; y: number; width: number; height: number; score: number }[];
  model: string;
  scope: Options['scope'];
  device?: string;
  /** Milliseconds per stage. */
  timings: Record<string, number>;
  /** Sentences for the user. */
  notices: string[];
}

export interface JobStatus {
  id: string;
  state: JobState;
  /**
   * Its place in the line, from 1 for the next: the job that is drawn does not count. Only while it is queued. It can also
   * grow: interactive jobs come before batch ones, and clients take turns.
   */
  position?: number;
  /** Only while it is running. */
  progress?: JobProgress;
  /** Only when it is done. */
  result?: ResultInfo;
  /** Only when it has failed or was cancelled. */
  error?: Failure;
  /** ISO 8601, UTC. */
  createdAt: string;
  finishedAt?: string;
}

/**
 * One event of a job (`GET /v1/jobs/:id/events`): its status at that moment; `seq` counts from 1. On the wire the event is
 * the `data:` line as JSON, and `seq` its `id:` line too.
 */
export interface JobEvent {
  seq: number;
  status: JobStatus;
}

/** `GET /v1/styles` answers an array of these. */
export interface StyleInfo {
  id: string;
  title: string;
  kind: string;
  /** What scope `auto` means for it. */
  scope: string;
  licence: { name: string; commercial: boolean; notice: string };
  /** `ready` draws at once; `absent` must be pulled first with `nigaoe models pull`. */
  state: 'ready' | 'absent';
  /** Imported by the user. */
  yours: boolean;
}

/** An option of a job, for forms; the rows of the one option table. `GET /v1/options` answers an array of these. */
export type OptionInfo = FieldSpec & { name: string };

/** `GET /v1/devices` answers an array of these. */
export interface DeviceInfo {
  device: string;
  works: boolean;
  reason?: string;
}
