// When jobs come: one by one, in bursts, or by the timers of cameras.

import type { Random } from '../../shared/random.js';

export type Arrivals =
  | { kind: 'poisson'; perS: number }
  /** Poisson while it is on; both lengths are exponential, and `perS` is the mean over both. */
  | { kind: 'bursts'; perS: number; onS: number; offS: number }
  /** Each source once in a period, at a moment of its own within the first `spreadS` of it. */
  | { kind: 'timers'; sources: number; periodS: number; spreadS: number };

/** Jobs a second, over a long time. */
export const rateOf = (arrivals: Arrivals): number =>
  arrivals.kind === 'timers' ? arrivals.sources / arrivals.periodS : arrivals.perS;

/** The moments of arrival in seconds, without end. */
export function* arrivalTimes(arrivals: Arrivals, random: Random): Generator<number, never> {
  if (arrivals.kind === 'timers') return yield* timerTimes(arrivals, random);
  if (arrivals.kind === 'bursts') return yield* burstTimes(arrivals, random);
  for (let nowS = 0; ; ) {
    nowS += exponential(random, 1 / arrivals.perS);
    yield nowS;
  }
}

function* burstTimes(
  { perS, onS, offS }: Extract<Arrivals, { kind: 'bursts' }>,
  random: Random,
): Generator<number, never> {
  const gapS = (onS / (onS + offS)) * (1 / perS);
  for (let startS = 0; ; ) {
    const endS = startS + exponential(random, onS);
    for (let nowS = startS + exponential(random, gapS); nowS < endS; nowS += exponential(random, gapS))
      yield nowS;
    startS = endS + exponential(random, offS);
  }
}

function* timerTimes(
  { sources, periodS, spreadS }: Extract<Arrivals, { kind: 'timers' }>,
  random: Random,
): Generator<number, never> {
  const offsetsS = Array.from({ length: sources }, () => random.uniform() * spreadS).sort((a, b) => a - b);
  for (let period = 0; ; period++) for (const offsetS of offsetsS) yield period * periodS + offsetS;
}

export const exponential = (random: Random, mean: number): number => -mean * Math.log(1 - random.uniform());
