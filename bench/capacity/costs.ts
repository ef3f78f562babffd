// What was measured of a fleet's costs besides drawing, for models that are run without a Redis.
//
// Measured by `npm run bench:capacity -- measure` in November 2026 on two cores of a shared server (AMD EPYC, Node.js 20, Redis 7.0
// with appendonly, BullMQ 6.7; bridge, Redis and one worker on the same machine). Milliseconds of processor time on other machines differ;
// that script prints yours.

/** Photos of 1 MB, pictures of 0.8 MB, both through Redis. */
export const MEASURED = {
  photoBytes: 1_000_000,
  pictureBytes: 800_000,
  /** Time that a job keeps a hand besides drawing. */
  overheadMs: 10.6,
  /** Processor time of Redis for a job. */
  redisMs: 5.1,
  /** Of that what is left where the pictures do not go through Redis. */
  redisSmallMs: 1.1,
  /** Processor time of the bridge for a job, without HTTP. */
  bridgeMs: 12.3,
  /** The same where the pictures do not go through Redis, and without what the folder takes. */
  bridgeSmallMs: 4.2,
  /** Processor milliseconds of Redis for each second of a worker that waits: whatever its lanes, and for each of them. */
  idleWorkerMs: 0.23,
  idleLaneMs: 0.07,
  /** The card of a worker with 16 styles. */
  cardBytes: 1_490,
  /** Processor time of the bridge for a card that it reads, which is each card with each order. */
  cardMs: 0.012,
  /** Bytes of the bridge for each job that waits. */
  waitingBytes: 10_000,
  /** Processor time of the bridge for each job that moves up by one place: all of them, whenever one is taken. */
  movedMs: 0.002,
} as const;
