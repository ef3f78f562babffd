// What a fleet asks of Redis, counted off the code of shared/bridge/fleet and BullMQ 6.7: test/bench/redis-costs.test.ts holds it
// against a Redis that was listened to.

/** How the fleet is used. */
export interface Use {
  /** Lanes that each worker serves: kinds of needs that were ever asked for (styles, mostly). Default 1. */
  lanes?: number;
  /** Hands of each worker. Default 1. */
  hands?: number;
  /** Time that a job is drawn. Default 0. */
  drawS?: number;
  /** Reports of progress that are sent on for each job. Default 0. */
  news?: number;
  /** Whether a worker waits for the job, rather than the job for a worker. Default true. */
  isIdle?: boolean;
}

/** SADD, PEXPIRE, SET. */
const PUT_BLOB = 3;

/** Commands that the bridge sends for a job: until it is placed, while it is drawn, until it is fetched and forgotten. */
export function commandsOfBridge({ news = 0 }: Use): number {
  const gate = 1; // GET of whether orders are taken; cards are read at most four times a second
  // HSET of the job and of what the lane needs; RPUSH and LTRIM of the bell.
  const placed = PUT_BLOB + 2 + 1 /* addPrioritizedJob */ + 2;
  // One XREAD for the waiting, the active, the completed job and the next look; fewer where events come together.
  const events = 4 + news;
  const ended = 1 /* HSET */ + 1; /* the photo is let go of */
  const fetched = 1; // GET
  const forgotten =
    1 /* HDEL */ + 1 /* HGETALL */ + 2 /* picture and photo are let go of */ + 1; /* removeJob */
  return gate + placed + events + ended + fetched + forgotten;
}

/** Commands that a worker sends for a job. */
export function commandsOfWorker({ lanes = 1, hands = 1, drawS = 0, news = 0, isIdle = true }: Use): number {
  const found = commandsOfLook(lanes, true);
  // Rung for: BLPOP, and once more a look at everything when it is done.
  const taken = isIdle ? 1 + found + commandsOfLook(lanes, false) : found;
  const drawn = 1 /* GET */ + PUT_BLOB + 1; /* moveToFinished */
  const whileDrawn = drawS * (2 / (isIdle ? 1 : hands) /* MGET of what is wanted */ + 1 / 5); /* extendLock */
  return taken + drawn + whileDrawn + news;
}

/** Of a hand that looks for a drawing: what came back and what is first in each lane, then moveToActive where there is something. */
const commandsOfLook = (lanes: number, isThere: boolean): number =>
  lanes < 2 ? 1 : 2 * lanes + (isThere ? 1 : 0);

/** Commands a second of a worker that waits. */
export function commandsOfIdleWorker({ lanes = 1, hands = 1 }: Use): number {
  const bell = 1; // BLPOP for a second, then every hand looks
  const looks = hands * commandsOfLook(lanes, false);
  const stalled = lanes / 5; // moveStalledJobsToWait
  return bell + looks + stalled + commandsOfSigns;
}

/** Commands a second of a worker whose hands are never free. */
export const commandsOfBusyWorker = ({ lanes = 1 }: Use): number => lanes / 5 + commandsOfSigns;

/** MULTI, SADD, SET, EXEC, and HGETALL of the lanes, every 2 s. */
const commandsOfSigns = (4 + 1) / 2;

/** Commands a second of a bridge with nothing to do: the roster, the books, one XREAD for each lane. */
export const commandsOfIdleBridge = ({ lanes = 1 }: Use): number => 2 / 2 + 1 / 3 + lanes / 10;

/** Commands a second of a bridge that asks after all that are drawn, and a hundred of those that wait, every 5 s. */
export const commandsOfChecks = ({ drawn, waiting }: { drawn: number; waiting: number }): number =>
  (drawn + Math.min(100, waiting)) / 5;

/** Connections of a worker: one for what answers at once, one for the bell, and one for each lane, which BullMQ opens and leaves idle. */
export const connectionsOfWorker = ({ lanes = 1 }: Use): number => 2 + lanes;

/** Connections of a bridge: one, and one for the events of each lane. */
export const connectionsOfBridge = ({ lanes = 1 }: Use): number => 1 + lanes;

/** Of a job in either direction: Redis takes photo and picture in and gives both out again. */
export const bytesThroughRedis = ({ photoBytes, pictureBytes }: Sizes): { in: number; out: number } => ({
  in: photoBytes + pictureBytes,
  out: photoBytes + pictureBytes,
});

export interface Sizes {
  photoBytes: number;
  pictureBytes: number;
}
