// The rounds of a watch: look, draw what is new, sleep until something happens.

import { asFailure, type NigaoeError } from '../../errors.js';
import { putAway } from './aside.js';
import { attend } from './attend.js';
import { rest } from './bell.js';
import { Eyes } from './eyes.js';
import { verdictOf } from './faults.js';
import type { Sighting } from './look.js';
import type { Shop } from './shop.js';
import { tell } from './words.js';

/** From one try to write results to the next; each is twice as long as the one before. */
const PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 300_000;

export class Watcher {
  readonly failures: NigaoeError[] = [];
  drawn = 0;
  readonly #shop: Shop;
  readonly #eyes: Eyes;
  #begun = false;
  /** 0 while results can be written. */
  #pauseMs = 0;

  constructor(shop: Shop) {
    this.#shop = shop;
    this.#eyes = new Eyes(shop);
  }

  /** Goes on until the signal is raised, or with `--once` until nothing waits. Throws what stops it before. */
  async run(): Promise<void> {
    const { signal } = this.#shop.stage;
    let goesOn = true;
    try {
      while (goesOn && !signal.aborted)
        goesOn = await this.#round().catch((error: unknown) => this.#pause(error));
    } finally {
      this.#eyes.close();
    }
  }

  /** Whether another one is to follow. */
  async #round(): Promise<boolean> {
    const ready = await this.#look();
    if (ready.length > 0) await this.#attendAll(ready);
    else if (this.#shop.wishes.once && this.#nextMs() === Number.POSITIVE_INFINITY) return false;
    else await this.#eyes.sleep(this.#nextMs());
    return true;
  }

  /** The photos that can be drawn now, the oldest first. */
  async #look(): Promise<Sighting[]> {
    const { patience } = this.#shop;
    const sight = await this.#eyes.see();
    if (sight === undefined) return [];
    patience.note(sight.photos, performance.now());
    if (!this.#begun) await this.#begin(sight.photos);
    this.#begun = true;
    const settled = patience.settled(performance.now());
    await this.#putAwayDrawn(settled);
    return this.#new(settled);
  }

  async #begin(photos: readonly Sighting[]): Promise<void> {
    const { ledger, patience, wishes, folders, options, stage } = this.#shop;
    const { journal } = ledger;
    if (journal.damagedLines > 0)
      tell(stage, { event: 'journal', path: journal.path, damagedLines: journal.damagedLines });
    let waiting = this.#new(photos);
    if (!journal.isWhole) {
      for (const photo of waiting) await ledger.adopt(photo);
      waiting = this.#new(photos);
    }
    if (wishes.newOnly) for (const photo of photos) patience.putOff(photo, Number.POSITIVE_INFINITY);
    const { source, out } = folders;
    const counts = wishes.newOnly
      ? { drawn: 0, waiting: 0, left: photos.length }
      : { drawn: photos.length - waiting.length, waiting: waiting.length, left: 0 };
    tell(stage, { event: 'watching', in: source, out, style: options.style, ...counts });
  }

  /** Those that nothing is known of. */
  #new(photos: readonly Sighting[]): Sighting[] {
    return photos.filter((photo) => this.#shop.ledger.fateOf(photo) === undefined);
  }

  /** Those that were drawn before but not moved: the watcher was stopped in between, or `--done` is new. */
  async #putAwayDrawn(photos: readonly Sighting[]): Promise<void> {
    const { ledger, folders } = this.#shop;
    if (folders.done === undefined) return;
    for (const photo of photos) if (ledger.fateOf(photo) === 'drawn') await putAway(photo, this.#shop);
  }

  async #attendAll(photos: readonly Sighting[]): Promise<void> {
    for (const [index, photo] of photos.entries()) {
      const ending = await attend(photo, { number: index + 1, of: photos.length }, this.#shop);
      if (ending === 'drawn') this.#count();
      else if (ending !== 'later') this.failures.push(ending);
    }
    this.#shop.stage.terminal.clear();
  }

  #count(): void {
    this.drawn += 1;
    if (this.#pauseMs > 0) tell(this.#shop.stage, { event: 'resumed' });
    this.#pauseMs = 0;
  }

  /** Waits where results cannot be written for the moment; throws any other failure. */
  async #pause(thrown: unknown): Promise<boolean> {
    const { stage, wishes } = this.#shop;
    const error = asFailure(thrown);
    if (stage.signal.aborted) return false;
    if (wishes.once || verdictOf(error) !== 'pause') throw error;
    if (this.#pauseMs === 0) tell(stage, { event: 'waiting', error });
    this.#pauseMs = Math.min(Math.max(2 * this.#pauseMs, PAUSE_MS), LONGEST_PAUSE_MS);
    await rest(this.#pauseMs, stage.signal);
    return true;
  }

  #nextMs(): number {
    const nowMs = performance.now();
    return this.#shop.patience.nextMs(nowMs) - nowMs;
  }
}
