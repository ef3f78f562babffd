// Which numbers of a feature map get bytes of their own: all of them, or those without the few that lie far out.

import type { Histogram } from './histogram.js';
import type { Range } from './steps.js';

/** Ways to choose a range; which draws best depends on the network, so they are tried. */
export const RANGE_CHOICES = ['minmax', 'p99.99', 'p99.9', 'mse'] as const;
export type RangeChoice = (typeof RANGE_CHOICES)[number];

const CHOOSERS: Readonly<Record<RangeChoice, (seen: Histogram) => Range>> = {
  minmax: ({ low, high }) => ({ low, high }),
  'p99.99': (seen) => withoutTails(seen, 1e-4),
  'p99.9': (seen) => withoutTails(seen, 1e-3),
  mse: leastError,
};

/** The range for what was seen. */
export const rangeOf = (seen: Histogram, choice: RangeChoice): Range => CHOOSERS[choice](seen);

/** Leaves out that share of the numbers, half of it at either end. */
function withoutTails(seen: Histogram, share: number): Range {
  const bins = [...seen.bins()];
  const most = (seen.total * share) / 2;
  return { low: Math.max(seen.low, edge(bins, most)), high: Math.min(seen.high, edge(bins.reverse(), most)) };
}

/** Where so many numbers lie beyond, on the way from the first bin. */
function edge(bins: readonly { middle: number; count: number }[], most: number): number {
  let passed = 0;
  for (const { middle, count } of bins) {
    passed += count;
    if (passed > most) return middle;
  }
  return 0;
}

/** Parts of the whole range that are tried on either side. */
const SHARES = Array.from({ length: 16 }, (_, at) => 1 - at * 0.05);

/** The range with the smallest mean of squared errors: of rounding within, of cutting off beyond. */
function leastError(seen: Histogram): Range {
  const bins = [...seen.bins()];
  const ranges = SHARES.flatMap((low) =>
    SHARES.map((high) => ({ low: low * seen.low, high: high * seen.high })),
  );
  const errors = ranges.map((range) => errorOf(range, bins, seen.total));
  return ranges[errors.indexOf(Math.min(...errors))];
}

function errorOf(
  { low, high }: Range,
  bins: readonly { middle: number; count: number }[],
  total: number,
): number {
  const step = (high - low) / 255;
  // Rounding errors are spread evenly over one step, whose variance this is.
  let sum = (total * step ** 2) / 12;
  for (const { middle, count } of bins) {
    const beyond = middle < low ? low - middle : middle - high;
    if (beyond > 0) sum += count * beyond ** 2;
  }
  return sum;
}
