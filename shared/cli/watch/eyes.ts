// Looks at the watched folder whenever there may be something new, and tells when it cannot.

import path from 'node:path';
import { codeOf } from '../../errors.js';
import { Bell, rest } from './bell.js';
import { Ears } from './ears.js';
import { look, type Sight } from './look.js';
import type { Shop } from './shop.js';
import { tell, type WatchEvent } from './words.js';

/** A look in vain costs little, and finds what nobody told of. */
const SWEEP_MS = 30_000;
const DEAF_SWEEP_MS = 5_000;
/** A folder that is gone is asked for so often. */
const GONE_MS = 1_000;
/** Changes come in swarms: one look is enough for those of so long. */
const SWARM_MS = 100;
/** Looking takes at most one part in so many of the time, however large the folder is. */
const SHARE = 5;

export class Eyes {
  readonly #shop: Shop;
  readonly #bell = new Bell();
  readonly #ears: Ears;
  /** What need not be told again. */
  readonly #told = new Set<string>();
  #gone = false;
  #lookMs = 0;
  #sweepMs: number;

  constructor(shop: Shop) {
    this.#shop = shop;
    this.#sweepMs = shop.wishes.poll > 0 ? 1000 * shop.wishes.poll : SWEEP_MS;
    this.#ears = new Ears({ onSound: () => this.#bell.ring(), onDeaf: (error) => this.#lose(error) });
  }

  /** What lies in the watched folder; undefined while it is gone. With `--once` that is the end. */
  async see(): Promise<Sight | undefined> {
    const { folders, wishes, stage } = this.#shop;
    const startMs = performance.now();
    const sight = await look({ root: folders.root, recursive: wishes.recursive, apart: folders.apart }).catch(
      (error: unknown) => this.#miss(error),
    );
    this.#lookMs = performance.now() - startMs;
    if (sight === undefined) return undefined;
    if (this.#gone) tell(stage, { event: 'back', folder: folders.source });
    this.#gone = false;
    this.#tellOddities(sight);
    // Changes in new folders were not heard until now.
    if (wishes.poll === 0 && this.#ears.listenTo(sight.folders)) this.#bell.ring();
    return sight;
  }

  /** Sleeps for so long at most, or until something may have changed. */
  async sleep(mostMs: number): Promise<void> {
    const { signal } = this.#shop.stage;
    await this.#bell.sleep(Math.min(mostMs, this.#gone ? GONE_MS : this.#sweepMs), signal);
    await rest(Math.max(SWARM_MS, SHARE * this.#lookMs), signal);
  }

  close(): void {
    this.#ears.close();
  }

  #miss(error: unknown): undefined {
    const { folders, wishes, stage } = this.#shop;
    // Nothing but codes of the system: its disk or its network is not there.
    if (wishes.once || codeOf(error) === undefined) throw error;
    this.#ears.close();
    if (!this.#gone) tell(stage, { event: 'gone', folder: folders.source });
    this.#gone = true;
  }

  #lose(error: unknown): void {
    this.#sweepMs = DEAF_SWEEP_MS;
    this.#tellOnce('deaf', { event: 'deaf', reason: codeOf(error) ?? String(error), everyMs: DEAF_SWEEP_MS });
  }

  #tellOddities({ closed, foreign }: Sight): void {
    for (const { path: folder, error } of closed)
      this.#tellOnce(folder, { event: 'closed', folder, reason: codeOf(error) ?? String(error) });
    for (const name of foreign)
      this.#tellOnce(path.extname(name).toLowerCase(), {
        event: 'foreign',
        input: path.join(this.#shop.folders.source, name),
      });
  }

  #tellOnce(key: string, event: WatchEvent): void {
    if (!this.#told.has(key)) tell(this.#shop.stage, event);
    this.#told.add(key);
  }
}
