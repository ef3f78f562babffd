// A check of a file of vectors: what it is called, and how it is run. It throws where numbers miss.

import assert from 'node:assert/strict';

export interface Check {
  id: string;
  run: () => void | Promise<void>;
  /** Why it is not run. */
  skip?: string | undefined;
}

/** Each number within a part of the one that is wanted, or within so much of it. */
export function nearly(
  what: string,
  got: readonly number[],
  wanted: readonly number[],
  { relative = 0, absolute = 0 }: { relative?: number | undefined; absolute?: number | undefined },
): void {
  assert.equal(got.length, wanted.length, `${what}: ${got.length} numbers where ${wanted.length} are right`);
  for (const [at, value] of got.entries()) {
    const room = Math.max(absolute, relative * Math.abs(wanted[at]));
    const off = Math.abs(value - wanted[at]);
    assert.ok(
      off <= room,
      `${what}[${at}]: ${value} where ${wanted[at]} is right, off by ${off.toExponential(2)}`,
    );
  }
}

export function same(what: string, got: unknown, wanted: unknown): void {
  assert.deepEqual(got, wanted, `${what}: ${JSON.stringify(got)} where ${JSON.stringify(wanted)} is right`);
}
