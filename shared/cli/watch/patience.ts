// Which photos may be read: those that have not changed for a while, and were not put off.

import { isSame, type Sighting } from './look.js';

interface Wait {
  seen: Sighting;
  /** Since when it is as it is, and before when it is not to be tried, in ms of `performance.now()`. */
  sinceMs: number;
  notBeforeMs: number;
  /** How often it was put off since it is as it is. */
  times: number;
}

export class Patience {
  readonly #settleMs: number;
  #waits = new Map<string, Wait>();

  constructor(settleMs: number) {
    this.#settleMs = settleMs;
  }

  /** Takes note of what lies there now. */
  note(photos: readonly Sighting[], nowMs: number): void {
    this.#waits = new Map(photos.map((photo) => [photo.path, this.#waitOf(photo, nowMs)]));
  }

  /** What has settled, the oldest first. */
  settled(nowMs: number): Sighting[] {
    const ready = [...this.#waits.values()].filter((wait) => this.#dueMs(wait) <= nowMs);
    return ready.map(({ seen }) => seen).sort(oldestFirst);
  }

  /** When the next photo will have settled if nothing changes; Infinity where none waits. */
  nextMs(nowMs: number): number {
    const dues = [...this.#waits.values()].map((wait) => this.#dueMs(wait)).filter((dueMs) => dueMs > nowMs);
    return dues.reduce((least, dueMs) => Math.min(least, dueMs), Number.POSITIVE_INFINITY);
  }

  /** Has a photo wait until then, or until it changes. */
  putOff({ path }: Sighting, notBeforeMs: number): void {
    const wait = this.#waits.get(path);
    if (wait === undefined) return;
    wait.notBeforeMs = notBeforeMs;
    wait.times += 1;
  }

  /** How often a photo was put off. */
  timesOf({ path }: Sighting): number {
    return this.#waits.get(path)?.times ?? 0;
  }

  /** Since when a photo is as it is. */
  sinceMs({ path }: Sighting): number {
    return this.#waits.get(path)?.sinceMs ?? Number.POSITIVE_INFINITY;
  }

  #waitOf(seen: Sighting, nowMs: number): Wait {
    const known = this.#waits.get(seen.path);
    if (known !== undefined && isSame(known.seen, seen)) return known;
    return { seen, sinceMs: nowMs, notBeforeMs: 0, times: 0 };
  }

  #dueMs({ sinceMs, notBeforeMs }: Wait): number {
    return Math.max(sinceMs + this.#settleMs, notBeforeMs);
  }
}

const BY_NAME = new Intl.Collator('en', { numeric: true });
const oldestFirst = (one: Sighting, other: Sighting): number =>
  one.mtimeMs - other.mtimeMs || BY_NAME.compare(one.name, other.name);
