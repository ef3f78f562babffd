// The log of a training: one JSON line a step, and the plot of its losses.

import { open, truncate } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { codeOf } from '../errors.js';
import { unwritable } from '../outputs/unwritable.js';

export const LOG = 'log.jsonl';

/** What a step, or what was measured after it, came to. */
export interface Entry {
  step: number;
  /** Which time all pictures are seen, from 1. */
  epoch: number;
  /** Time of the step. */
  ms: number;
  losses: Readonly<Record<string, number>>;
  /** Means over what was held back. */
  held?: Readonly<Record<string, number>>;
}

/**
 * The entries of an earlier run up to `step`. The file is cut behind them: what came after the last checkpoint is run, and written,
 * again. Throws `output-unwritable` where the file is there and cannot be read or cut.
 */
export async function earlierEntries(file: string, step: number): Promise<Entry[]> {
  const entries: Entry[] = [];
  let bytes = 0;
  try {
    const lines = createInterface({ input: await opened(file), crlfDelay: Number.POSITIVE_INFINITY });
    for await (const line of lines) {
      const entry = parse(line);
      // A line that a crash cut off, and all after it, is run again too.
      if (entry === undefined || entry.step > step) break;
      remember(entries, entry);
      bytes += Buffer.byteLength(line) + 1;
    }
    await truncate(file, bytes);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw unwritable(file, error);
  }
  return entries;
}

const opened = async (file: string) => (await open(file)).createReadStream();

/** A plot needs no more; the file has them all. */
const MOST_ENTRIES = 20_000;

/** Adds an entry; where they become too many, every other one is forgotten. */
export function remember(entries: Entry[], entry: Entry): void {
  entries.push(entry);
  if (entries.length <= MOST_ENTRIES) return;
  const kept = entries.filter((each, at) => at % 2 === 1 || each.held !== undefined);
  entries.splice(0, entries.length, ...kept);
}

function parse(line: string): Entry | undefined {
  try {
    const entry = JSON.parse(line) as Entry;
    return typeof entry.step === 'number' ? entry : undefined;
  } catch {
    return undefined;
  }
}

/** The losses as curves over the steps. */
export function curvesOf(entries: readonly Entry[]): { name: string; points: [number, number][] }[] {
  const curves = new Map<string, [number, number][]>();
  const add = (name: string, step: number, value: number) => {
    const points = curves.get(name) ?? [];
    curves.set(name, points);
    points.push([step, value]);
  };
  for (const { step, losses, held = {} } of entries) {
    for (const [name, value] of Object.entries(losses)) add(name, step, value);
    for (const [name, value] of Object.entries(held)) add(`${name} held back`, step, value);
  }
  return [...curves].map(([name, points]) => ({ name, points }));
}
