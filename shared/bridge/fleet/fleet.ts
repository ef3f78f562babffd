// The studio of many machines: drawings wait in Redis, workers anywhere draw them, and the books of the bridge hear of it.

import { NigaoeError } from '../../errors.js';
import type { Options } from '../../options.js';
import type { DrawingProgress, Drawn } from '../jobs/drawing.js';
import { compareRanks } from '../jobs/fair-shares.js';
import type { Job } from '../jobs/job.js';
import type { JobOrder } from '../jobs/queue.js';
import { closedToOrders, draining } from '../jobs/refusals.js';
import type { Desk, Studio } from '../jobs/studio.js';
import type { Blobs } from './blobs.js';
import type { Engine } from './engine.js';
import { every } from './every.js';
import { closedSince } from './gate.js';
import { inTime, isFull, isNoAnswer, orGone, redisFull } from './in-time.js';
import { hashOf, type Keys } from './keys.js';
import { type LaneListener, Lanes } from './lanes.js';
import { canServe, checkNeeds, laneOf, type Needs, needsOf } from './needs.js';
import { type DrawingResult, ofPhoto, ofResult, unpackFailure } from './order.js';
import { type JobRecord, Records } from './records.js';
import { Roster, SIGN_MS } from './roster.js';
import { drawnOf, isGivenUp, isWanted, photoGone, recordOf, type Sheet } from './sheet.js';

export interface FleetOptions {
  engine: Engine;
  keys: Keys;
  blobs: Blobs;
  /** Whether equal orders are drawn once. Default true. */
  sharesDrawings?: boolean;
  /** Told of what goes wrong beside the jobs. */
  onNotice?: ((sentence: string) => void) | undefined;
}

/** How often drawings are looked for of which no news came. */
const CHECK_MS = 5_000;
const CHECKED_AT_ONCE = 100;
/** How often jobs that got another rank are told of it: to cancel one moves all later ones of its owner. */
const RANKS_MS = 250;
const TOLD_AT_ONCE = 200;
const FAREWELL_MS = 5_000;
const DROPPED_MS = 60 * 60_000;

export class Fleet implements Studio, LaneListener {
  readonly outlives = true;
  readonly #options: FleetOptions;
  readonly #desk: Desk;
  readonly #lanes: Lanes;
  readonly #records: Records;
  readonly #roster: Roster;
  readonly #sheets = new Map<string, Sheet>();
  readonly #shared = new Map<string, Sheet>();
  readonly #sheetOf = new Map<Job, Sheet>();
  readonly #timers: NodeJS.Timeout[] = [];
  #round = this.#sheets.values();
  readonly #background = new Set<Promise<void>>();
  readonly #moved = new Set<Job>();
  /** Not yet in their lanes. */
  readonly #placing = new Set<Sheet>();
  #closed = false;

  constructor(options: FleetOptions, desk: Desk) {
    const { engine, keys } = options;
    this.#options = options;
    this.#desk = desk;
    this.#lanes = new Lanes(engine, keys, this);
    this.#records = new Records(engine.redis, keys);
    this.#roster = new Roster(engine.redis, keys);
  }

  get hands(): number {
    return Math.max(
      1,
      this.#roster.cards.reduce((sum, { hands }) => sum + hands, 0),
    );
  }

  get roster(): Roster {
    return this.#roster;
  }

  /** Finds the jobs of the bridge that was there before, and goes on with them. */
  async start(): Promise<void> {
    await this.#roster.read();
    for (const record of await this.#records.all()) await this.#recall(record);
    for (const sheet of this.#sheets.values()) if (!isWanted(sheet)) this.#unshare(sheet);
    this.#timers.push(every(SIGN_MS, () => this.#roster.read()).unref());
    this.#timers.push(every(CHECK_MS, () => this.#checkAll()).unref());
    this.#timers.push(every(RANKS_MS, () => this.#tellRanks()).unref());
  }

  async check(_: JobOrder, options: Options): Promise<void> {
    // Another bridge has taken over.
    if (this.#closed) throw draining();
    const { engine, keys } = this.#options;
    const asked = Promise.all([this.#roster.lately(), closedSince(engine.redis, keys)]);
    const [cards, closed] = await inTime(asked);
    if (closed !== undefined) throw closedToOrders();
    const needs = needsOf(options);
    // Whoever has signed in since may have what the others lack.
    if (!canServe(cards, needs)) checkNeeds(await inTime(this.#roster.read()), needs);
  }

  async take(job: Job): Promise<void> {
    try {
      // Taken after all, when Redis answers again, it would be drawn for nobody.
      await inTime(this.#place(job), () => this.forget(job));
    } catch (error) {
      const sheet = this.#sheetOf.get(job);
      if (sheet !== undefined) this.#unshare(sheet);
      if (!isNoAnswer(error)) this.forget(job);
      throw isFull(error) ? redisFull() : error;
    }
    job.letGoOfPhoto();
  }

  moved(job: Job): void {
    this.#moved.add(job);
  }

  drop(job: Job): void {
    const sheet = this.#sheetOf.get(job);
    if (sheet === undefined) return;
    this.#later(() => this.#writeEnd(sheet, job));
    if (isWanted(sheet)) return;
    // At once: an equal order that comes now gets a drawing of its own.
    this.#unshare(sheet);
    this.#later(() => this.#withdraw(sheet));
  }

  forget(job: Job): void {
    if (this.#closed) return;
    const sheet = this.#sheetOf.get(job);
    this.#sheetOf.delete(job);
    sheet?.members.delete(job);
    this.#later(async () => {
      await this.#records.remove(job.id);
      if (sheet?.members.size === 0) await this.#clear(sheet);
    });
  }

  /** Another bridge keeps the books: nothing that happens here is to touch them. */
  retire(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
  }

  async close(): Promise<void> {
    this.retire();
    await orGone(
      Promise.all(this.#background).then(() => this.#lanes.close()),
      FAREWELL_MS,
    );
  }

  readonly begun = (id: string): void => {
    const sheet = this.#sheets.get(id);
    if (sheet === undefined || sheet.outcome !== undefined) return;
    sheet.begunMs = performance.now();
    for (const job of sheet.members.keys()) this.#desk.begin(job);
  };

  readonly returned = (id: string): void => {
    const sheet = this.#sheets.get(id);
    if (sheet === undefined) return;
    delete sheet.begunMs;
    for (const job of sheet.members.keys()) this.#desk.putBack(job);
  };

  readonly progressed = (id: string, progress: unknown): void => {
    for (const job of this.#sheets.get(id)?.members.keys() ?? [])
      this.#desk.report(job, progress as DrawingProgress);
  };

  readonly done = (id: string, result: DrawingResult): void => {
    const sheet = this.#sheets.get(id);
    if (sheet !== undefined) this.#finish(sheet, drawnOf(result, this.#options.blobs));
  };

  readonly failed = (id: string, reason: string): void => {
    const sheet = this.#sheets.get(id);
    if (sheet !== undefined) this.#finish(sheet, unpackFailure(reason));
  };

  readonly troubled = (what: string): void => this.#options.onNotice?.(`BullMQ: ${what}`);

  /** Puts a job onto the sheet of an equal one, or onto a new one that workers will find. */
  async #place(job: Job): Promise<void> {
    const { order } = job;
    const needs = needsOf(order.options);
    const photo = hashOf(order.bytes);
    const fingerprint = this.#fingerprint(job, needs, photo);
    const equal = this.#options.sharesDrawings === false ? undefined : this.#shared.get(fingerprint);
    const sheet = equal ?? { id: job.id, needs, fingerprint, photo, members: new Map() };
    const record = recordOf(job, sheet);
    this.#join(sheet, job, record);
    if (equal === undefined) {
      await this.#placeNew(sheet, order.bytes, record);
      return;
    }
    await this.#records.write(record);
    this.#catchUp(sheet, job);
  }

  async #placeNew(sheet: Sheet, bytes: Uint8Array, record: JobRecord): Promise<void> {
    const { blobs } = this.#options;
    this.#placing.add(sheet);
    try {
      const putting = blobs.put(bytes, sheet.photo, ofPhoto(sheet.id));
      if (!blobs.isInOrder) await putting;
      await Promise.all([putting, this.#records.write(record), this.#send(sheet, record)]);
    } finally {
      this.#placing.delete(sheet);
    }
  }

  /** Bytes, options, name and networks that are equal make equal drawings, and equal sentences where they make none. */
  #fingerprint({ order: { options, name = '' } }: Job, { models }: Needs, photo: string): string {
    const hashes = models.map((id) => this.#roster.cards.find((card) => card.models[id])?.models[id] ?? id);
    return hashOf(Buffer.from(JSON.stringify([photo, options, name, hashes])));
  }

  #join(sheet: Sheet, job: Job, record: JobRecord): void {
    sheet.members.set(job, record);
    this.#sheetOf.set(job, sheet);
    this.#sheets.set(sheet.id, sheet);
    if (!(sheet.outcome instanceof NigaoeError)) this.#shared.set(sheet.fingerprint, sheet);
  }

  async #send(
    { id, needs, photo, fingerprint }: Sheet,
    { options, name, photoBytes, rank }: JobRecord,
  ): Promise<void> {
    const named = name === undefined ? {} : { name };
    await this.#lanes.add(id, { photo, photoBytes, options, fingerprint, ...named }, { needs, rank });
  }

  /** What the others of its sheet know already. */
  #catchUp(sheet: Sheet, job: Job): void {
    if (sheet.outcome !== undefined) {
      this.#desk.end(job, sheet.outcome);
      this.#later(() => this.#writeEnd(sheet, job));
    } else if (sheet.begunMs !== undefined) this.#desk.begin(job);
    else this.#hurry(sheet, job);
  }

  /** A drawing is as urgent as the most urgent job that waits for it. */
  #hurry(sheet: Sheet, { rank }: Job): void {
    const ranks = [...sheet.members.keys()].flatMap((member) => member.rank ?? []);
    if (rank !== undefined && ranks.every((other) => compareRanks(rank, other) <= 0))
      this.#later(() => this.#lanes.move(laneOf(sheet.needs), sheet.id, rank));
  }

  #finish(sheet: Sheet, outcome: Drawn | NigaoeError): void {
    // What was given up is drawn after all where somebody has had it tried again.
    const isRetried = isGivenUp(sheet.outcome) && !isGivenUp(outcome);
    if (sheet.outcome !== undefined && !isRetried) return;
    sheet.outcome = outcome;
    const tookMs = sheet.begunMs === undefined ? undefined : performance.now() - sheet.begunMs;
    if (outcome instanceof NigaoeError) this.#unshare(sheet);
    else if (!this.#shared.has(sheet.fingerprint)) this.#shared.set(sheet.fingerprint, sheet);
    for (const job of sheet.members.keys()) this.#desk.end(job, outcome, tookMs);
    this.#later(async () => {
      for (const job of sheet.members.keys()) await this.#writeEnd(sheet, job);
      // What was given up may be tried again by hand.
      if (!isGivenUp(outcome)) await this.#options.blobs.release(sheet.photo, ofPhoto(sheet.id));
      if (sheet.members.size === 0) await this.#clear(sheet);
    });
  }

  async #writeEnd(sheet: Sheet, job: Job): Promise<void> {
    const record = sheet.members.get(job);
    const { state, finishedAt, error } = job.status;
    if (record === undefined || finishedAt === undefined || state === 'queued' || state === 'running') return;
    record.ended = { state, finishedAt, ...(error === undefined ? {} : { error }) };
    await this.#records.write(record);
  }

  /** Nobody wants it any more. */
  async #withdraw(sheet: Sheet): Promise<void> {
    if (isWanted(sheet)) return;
    const { redis } = this.#options.engine;
    this.#unshare(sheet);
    if (await this.#lanes.remove(laneOf(sheet.needs), sheet.id))
      await this.#options.blobs.release(sheet.photo, ofPhoto(sheet.id));
    else await redis.set(this.#options.keys.dropped(sheet.id), '1', 'PX', DROPPED_MS);
  }

  /** Nothing of it is asked for any more. */
  async #clear(sheet: Sheet): Promise<void> {
    this.#unshare(sheet);
    this.#sheets.delete(sheet.id);
    if (isGivenUp(sheet.outcome)) return;
    const lane = laneOf(sheet.needs);
    const known = await this.#lanes.find(lane, sheet.id);
    for (const { hash } of known?.returnvalue?.pictures ?? [])
      await this.#options.blobs.release(hash, ofResult(sheet.id));
    await this.#options.blobs.release(sheet.photo, ofPhoto(sheet.id));
    await this.#lanes.remove(lane, sheet.id);
  }

  #unshare(sheet: Sheet): void {
    if (this.#shared.get(sheet.fingerprint) === sheet) this.#shared.delete(sheet.fingerprint);
  }

  async #recall(record: JobRecord): Promise<void> {
    const { needs, fingerprint, photo, drawing, ended } = record;
    const fresh: Sheet = { id: drawing, needs, fingerprint, photo, members: new Map() };
    const sheet = this.#sheets.get(drawing) ?? fresh;
    const known = await this.#lanes.find(laneOf(needs), drawing);
    const result = known?.returnvalue ?? undefined;
    if (result) sheet.outcome ??= drawnOf(result, this.#options.blobs);
    const { error } = ended ?? {};
    const outcome = error ? unpackFailure(JSON.stringify(error)) : ended && sheet.outcome;
    if (ended !== undefined && outcome === undefined) return this.#records.remove(record.id);
    const job = this.#desk.recall(record, ended && outcome && { outcome, finishedAt: ended.finishedAt });
    this.#join(sheet, job, record);
    if (ended === undefined) await this.#look(sheet);
  }

  /** What BullMQ knows of a drawing, told to the books; sent again where Redis has lost it. */
  async #look(sheet: Sheet): Promise<void> {
    const lane = laneOf(sheet.needs);
    const state = await this.#lanes.stateOf(lane, sheet.id);
    if (sheet.outcome !== undefined && state !== 'completed') return;
    if (state === 'active' && sheet.begunMs === undefined) this.begun(sheet.id);
    if (state === 'waiting' || state === 'prioritized') {
      this.returned(sheet.id);
      await this.#options.blobs.renew(sheet.photo);
    }
    if (state === 'unknown') return isWanted(sheet) ? this.#sendAgain(sheet) : undefined;
    if (state !== 'completed' && state !== 'failed') return;
    const known = await this.#lanes.find(lane, sheet.id);
    if (known?.returnvalue) this.#finishLate(sheet, drawnOf(known.returnvalue, this.#options.blobs));
    else if (known?.failedReason) this.#finishLate(sheet, unpackFailure(known.failedReason));
  }

  /** The end of a drawing whose news was missed. */
  #finishLate(sheet: Sheet, outcome: Drawn | NigaoeError): void {
    delete sheet.outcome;
    this.#finish(sheet, outcome);
  }

  async #sendAgain(sheet: Sheet): Promise<void> {
    const [record] = sheet.members.values();
    if (record === undefined) return;
    if (await this.#options.blobs.has(sheet.photo)) {
      this.returned(sheet.id);
      await this.#records.write(record);
      await this.#send(sheet, record);
    } else this.#finish(sheet, photoGone());
  }

  /** Those that are drawn, and of those that wait some in turn: there may be thousands. */
  async #checkAll(): Promise<void> {
    const begun = [...this.#sheets.values()].filter(
      ({ begunMs, outcome }) => begunMs !== undefined && outcome === undefined,
    );
    const others: Sheet[] = [];
    while (others.length < CHECKED_AT_ONCE) {
      const next = this.#round.next();
      if (next.done) this.#round = this.#sheets.values();
      if (next.done) break;
      others.push(next.value);
    }
    for (const sheet of new Set([...begun, ...others]))
      if (sheet.outcome === undefined && isWanted(sheet) && !this.#placing.has(sheet) && !this.#closed)
        await this.#look(sheet);
  }

  /** Beside whatever else happens; what Redis is asked is answered in the order of asking. */
  #later(work: () => Promise<void>): void {
    if (this.#closed) return;
    const done = work().catch((error: unknown) => {
      if (!this.#closed) this.#options.onNotice?.(`The queue in Redis: ${String(error)}`);
    });
    this.#background.add(done);
    void done.then(() => this.#background.delete(done));
  }

  /** Of thousands that move up each is told once in a while, with the rank that it has by then. */
  async #tellRanks(): Promise<void> {
    const moved = [...this.#moved];
    this.#moved.clear();
    for (let at = 0; at < moved.length; at += TOLD_AT_ONCE)
      await Promise.all(moved.slice(at, at + TOLD_AT_ONCE).map((job) => this.#tellRank(job)));
  }

  async #tellRank(job: Job): Promise<void> {
    const sheet = this.#sheetOf.get(job);
    const record = sheet?.members.get(job);
    const { rank } = job;
    if (job.ended || sheet === undefined || record === undefined || rank === undefined) return;
    record.rank = rank;
    await this.#records.write(record);
    if (job.id === sheet.id) await this.#lanes.move(laneOf(sheet.needs), sheet.id, rank);
  }
}
