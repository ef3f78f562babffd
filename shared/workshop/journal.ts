// The log of a training: one JSON line a step, and the plot of its losses.

import { readFile } from 'node:fs/promises';

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

/** The lines of an earlier run up to `step`; what was written after the last checkpoint is run, and written, again. */
export async function earlierEntries(file: string, step: number): Promise<Entry[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    const entry = parse(line);
    return entry && entry.step <= step ? [entry] : [];
  });
}

export const linesOf = (entries: readonly Entry[]): string =>
  entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');

/** A line that a crash cut off is none. */
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
