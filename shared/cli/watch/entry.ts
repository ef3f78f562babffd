// One line of the journal: what became of a photo.

import type { Stamp } from './look.js';

const STATUSES = ['drawing', 'drawn', 'failed', 'released'] as const;

/**
 * drawing: its results may be there in part. drawn: they are there. failed: it cannot be drawn and was left where it is.
 * released: it has gone to another folder, and its results belong to nobody.
 */
type EntryStatus = (typeof STATUSES)[number];

export interface Entry extends Stamp {
  /** Its path on the disk. */
  photo: string;
  status: EntryStatus;
  /** What it was drawn with. */
  options: string;
  /** Paths below the folder of results. */
  outputs: readonly string[];
}

/** Undefined for a line that is none. */
export function parseEntry(line: string): Entry | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isEntry(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false;
  const { photo, status, options, outputs, sizeBytes, mtimeMs } = value as Partial<
    Record<keyof Entry, unknown>
  >;
  return (
    [photo, options].every((each) => typeof each === 'string') &&
    [sizeBytes, mtimeMs].every((each) => typeof each === 'number') &&
    STATUSES.some((each) => each === status) &&
    Array.isArray(outputs) &&
    outputs.every((each) => typeof each === 'string')
  );
}
