// Waiting in a line before several hands, by formula: what a fleet does before anybody builds it.
//
// Sources: Erlang, "Solution of some problems in the theory of probabilities of significance in automatic telephone exchanges"
// (1917); Allen, "Probability, Statistics, and Queueing Theory" (1990), for the approximation that he and Cunneen gave; Cobham,
// "Priority assignment in waiting line problems" (1954); Kella and Yechiali, "Waiting times in the non-preemptive priority M/M/c
// queue" (1985); Anick, Mitra and Sondhi, "Stochastic theory of a data-handling system with multiple sources" (1982); Reiser and Lavenberg, "Mean-value analysis of closed multichain queuing networks" (1980).

/** What comes to a line and how it is served. */
export interface Load {
  /** Jobs a second. */
  perS: number;
  /** Mean time that a job keeps a hand, in seconds: drawing and everything around it. */
  serviceS: number;
  /** Deviation of that time divided by its mean; 1 is exponential. Default 1. */
  serviceCv?: number;
  /** Variance of the time between arrivals divided by the square of its mean; 1 is Poisson. Default 1. */
  arrivalScv?: number;
  /** Share of the jobs that go before the others, 0 to 1. Default 1: all are alike. */
  firstShare?: number;
}

/** Erlang: hands that would be busy if none had to wait. */
export const offeredLoad = ({ perS, serviceS }: Pick<Load, 'perS' | 'serviceS'>): number => perS * serviceS;

/**
 * Probability that a job finds all `hands` busy (Erlang C, M/M/c), for `load` in erlang.
 * By the recursion of Erlang B, which no factorial overflows; 1 where the hands do not suffice.
 */
export function erlangC(hands: number, load: number): number {
  if (load >= hands) return 1;
  let blocked = 1;
  for (let count = 1; count <= hands; count++) blocked = (load * blocked) / (count + load * blocked);
  const busy = load / hands;
  return blocked / (1 - busy * (1 - blocked));
}

/**
 * Mean seconds that a job waits for one of so many hands, by Allen and Cunneen; exact for M/M/c and for M/G/1.
 * Of jobs of two classes that of the first (Cobham). Infinite where the hands do not suffice.
 */
export function meanWait(hands: number, load: Load): number {
  if (offeredLoad(load) >= hands) return Number.POSITIVE_INFINITY;
  return erlangC(hands, offeredLoad(load)) * delayedWait(hands, load);
}

/** Mean seconds that jobs of the second class wait (Cobham). */
export function meanWaitOfSecond(hands: number, load: Load): number {
  const spare = 1 - offeredLoad(load) / hands;
  return spare > 0 ? meanWait(hands, load) / spare : Number.POSITIVE_INFINITY;
}

/** Seconds that a share of the jobs (0.95, say) does not wait longer than. */
export function waitQuantile(hands: number, load: Load, share: number): number {
  if (offeredLoad(load) >= hands) return Number.POSITIVE_INFINITY;
  const delayed = erlangC(hands, offeredLoad(load));
  return Math.max(0, delayedWait(hands, load) * Math.log(delayed / (1 - share)));
}

/** The fewest hands with which `share` of the jobs (of the first class, where there are two) wait less than `withinS`. */
export function handsFor(load: Load, { withinS, share = 0.95, mostBusy }: Goal): number {
  let hands = leastHands(load, mostBusy);
  while (waitQuantile(hands, load, share) >= withinS) hands += 1;
  return hands;
}

export interface Goal {
  withinS: number;
  /** Default 0.95. */
  share?: number;
  /** Share of their time that hands may be busy. Default 1; with less, a fleet catches up after a death or a restart. */
  mostBusy?: number;
}

/** The fewest hands that keep up with the load. */
export const leastHands = (load: Pick<Load, 'perS' | 'serviceS'>, mostBusy = 1): number =>
  Math.floor(offeredLoad(load) / mostBusy) + 1;

/** The same in workers of so many hands each. */
export const workersFor = (load: Load, goal: Goal, handsEach = 1): number =>
  Math.ceil(handsFor(load, goal) / handsEach);

/** Mean wait of those that wait at all; close to exponential, which is what quantiles go by. */
function delayedWait(hands: number, load: Load): number {
  const { serviceS, serviceCv = 1, arrivalScv = 1, firstShare = 1 } = load;
  const spare = 1 - (firstShare * offeredLoad(load)) / hands;
  return (((arrivalScv + serviceCv ** 2) / 2) * serviceS) / (hands * spare);
}

/** Poisson arrivals while they are on, none while they are off; both lengths are exponential, `perS` is the mean over both. */
export interface Bursts extends Load {
  onS: number;
  offS: number;
}

/**
 * Seconds that a share of the jobs does not wait longer than, and the mean, where they come in bursts. A burst that is more than the
 * hands can do fills the line as water fills a basin (Anick, Mitra and Sondhi, for one source): waits are exponential. One that is
 * less is a load of its own. Of jobs of two classes that of the first.
 */
export function burstWait(hands: number, { onS, offS, ...load }: Bursts, share: number): BurstWait {
  const { perS, serviceS, firstShare = 1 } = load;
  const within = { ...load, perS: (perS * (onS + offS)) / onS };
  const [canPerS, firstPerS] = [hands / serviceS, firstShare * within.perS];
  if (offeredLoad(load) >= hands)
    return { meanS: Number.POSITIVE_INFINITY, quantileS: Number.POSITIVE_INFINITY };
  if (firstPerS < canPerS) {
    // Those of the second class take what the first leaves; they fill the line, but before them it is empty again and again.
    const alone = firstShare === 1 ? within : { ...within, perS: firstPerS, firstShare: 1 };
    return { meanS: meanWait(hands, alone), quantileS: waitQuantile(hands, alone, share) };
  }
  const decayPerJob = 1 / onS / (firstPerS - canPerS) - 1 / offS / canPerS;
  const meanS = 1 / (decayPerJob * canPerS);
  return { meanS, quantileS: -meanS * Math.log(1 - share) };
}

export interface BurstWait {
  meanS: number;
  quantileS: number;
}

/** The fewest hands with which `share` of the jobs of such bursts wait less than `withinS`. */
export function handsForBursts(bursts: Bursts, { withinS, share = 0.95, mostBusy }: Goal): number {
  let hands = leastHands(bursts, mostBusy);
  while (burstWait(hands, bursts, share).quantileS >= withinS) hands += 1;
  return hands;
}

/** A fleet that never runs out of jobs. */
export interface BusyFleet {
  workers: number;
  /** Of each worker. */
  hands: number;
  /** Mean drawing time. */
  drawMs: number;
  /** What else keeps a hand for each job when nobody else asks Redis anything. */
  overheadMs: number;
  /** Part of the overhead that all hands have to do one after the other, as Redis and the bridge have one thread each. Default 0. */
  serialMs?: number;
}

/**
 * Pictures a second of a fleet that always has some waiting: hands over the time that each takes, bent towards the limit of what
 * is done one after the other (mean value analysis of one station and its terminals).
 */
export function predictThroughput({ workers, hands, drawMs, overheadMs, serialMs = 0 }: BusyFleet): number {
  const alone = drawMs + Math.max(0, overheadMs - serialMs);
  let queued = 0;
  let perMs = 0;
  for (let count = 1; count <= workers * hands; count++) {
    const servedMs = serialMs * (1 + queued);
    perMs = count / (alone + servedMs);
    queued = perMs * servedMs;
  }
  return perMs * 1000;
}

/** Sources that all fire within the same moments of each period. */
export interface Volleys {
  sources: number;
  periodS: number;
  spreadS: number;
  serviceS: number;
}

/** The fewest hands with which that share of each volley waits less than `withinS`, where the last volley is over when the next comes. */
export function handsForVolleys(volleys: Volleys, { withinS, share = 0.95, mostBusy }: Goal): number {
  const { sources, periodS, spreadS, serviceS } = volleys;
  const keepsUp = leastHands({ perS: sources / periodS, serviceS }, mostBusy);
  return Math.max(keepsUp, Math.ceil((share * sources * serviceS) / (withinS + share * spreadS)));
}
