// Which workers live: each leaves a card that expires when it gives no sign of life.

import type { Connection } from './engine.js';
import type { Keys } from './keys.js';
import type { WorkerCard } from './needs.js';

/** Cards outlive two signs of life that were lost. */
export const SIGN_MS = 2_000;
const CARD_MS = 3 * SIGN_MS;
const LATELY_MS = 250;

export class Roster {
  readonly #redis: Connection;
  readonly #keys: Keys;
  #readMs = Number.NEGATIVE_INFINITY;
  /** As they were read last. */
  cards: readonly WorkerCard[] = [];

  constructor(redis: Connection, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  async sign(card: WorkerCard): Promise<void> {
    await this.#redis
      .multi()
      .sadd(this.#keys.workers, card.id)
      .set(this.#keys.worker(card.id), JSON.stringify(card), 'PX', CARD_MS)
      .exec();
  }

  async leave(id: string): Promise<void> {
    await this.#redis.multi().srem(this.#keys.workers, id).del(this.#keys.worker(id)).exec();
  }

  /** Those that lived a moment ago: a thousand cards are not read for every order. */
  async lately(): Promise<readonly WorkerCard[]> {
    return performance.now() - this.#readMs < LATELY_MS ? this.cards : this.read();
  }

  /** Those that live now. */
  async read(): Promise<readonly WorkerCard[]> {
    const ids = await this.#redis.smembers(this.#keys.workers);
    const texts = ids.length === 0 ? [] : await this.#redis.mget(ids.map((id) => this.#keys.worker(id)));
    const gone = ids.filter((_, at) => texts[at] === null);
    if (gone.length > 0) await this.#redis.srem(this.#keys.workers, ...gone);
    this.cards = texts.flatMap((text) => (text === null ? [] : [JSON.parse(text) as WorkerCard]));
    this.#readMs = performance.now();
    return this.cards;
  }
}
