// The jobs of a bridge as they outlive it: one record each in Redis.

import type { Failure } from '../../errors.js';
import type { Options } from '../../options.js';
import type { Rank } from '../jobs/fair-shares.js';
import type { Seal } from '../jobs/seal.js';
import type { Priority } from '../protocol.js';
import type { Connection } from './engine.js';
import type { Keys } from './keys.js';
import type { Needs } from './needs.js';

export interface JobRecord {
  id: string;
  owner: string;
  seal?: Seal;
  /** ISO 8601, UTC. */
  createdAt: string;
  options: Options;
  name?: string;
  priority?: Priority;
  rank?: Rank;
  photo: string;
  photoBytes: number;
  needs: Needs;
  /** Id of the drawing that it waits for, which others may wait for too. */
  drawing: string;
  fingerprint: string;
  /** How it has ended, where its client has been told. */
  ended?: { state: 'done' | 'failed' | 'cancelled'; finishedAt: string; error?: Failure };
}

export class Records {
  readonly #redis: Connection;
  readonly #key: string;

  constructor(redis: Connection, keys: Keys) {
    this.#redis = redis;
    this.#key = keys.jobs;
  }

  async write(record: JobRecord): Promise<void> {
    await this.#redis.hset(this.#key, record.id, JSON.stringify(record));
  }

  async remove(id: string): Promise<void> {
    await this.#redis.hdel(this.#key, id);
  }

  /** All that are there, the oldest first. */
  async all(): Promise<JobRecord[]> {
    const texts = await this.#redis.hvals(this.#key);
    const records = texts.map((text) => JSON.parse(text) as JobRecord);
    return records.sort((a, b) => a.createdAt.localeCompare(b.createdAt));
  }
}
