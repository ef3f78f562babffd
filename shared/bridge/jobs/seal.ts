// Idempotency keys: which job a repeated order belongs to.

import { webcrypto } from 'node:crypto';
import { expected, NigaoeError } from '../../errors.js';
import type { Options } from '../../options.js';
import type { JobOrder } from './queue.js';

/** The key of an order and what tells it from another one with the same key. */
export interface Seal {
  /** Of all owners apart. */
  key: string;
  fingerprint: string;
}

/** The seal of an order, or undefined for one without a key. The bytes are hashed beside the event loop. */
export async function sealOrder(order: JobOrder, options: Options): Promise<Seal | undefined> {
  const { owner, idempotencyKey: key } = order;
  if (key === undefined) return undefined;
  if (key.length === 0 || key.length > LONGEST_KEY) throw wrongKey(key);
  const digest = await webcrypto.subtle.digest('SHA-256', order.bytes);
  const photo = Buffer.from(digest).toString('base64url');
  return { key: JSON.stringify([owner, key]), fingerprint: JSON.stringify([photo, options]) };
}
const LONGEST_KEY = 200;

function wrongKey(key: string): NigaoeError {
  return expected(`1 to ${LONGEST_KEY} characters`, 'the idempotency key', `${key.length} characters`);
}

/** Jobs by their seal. */
export class SealedJobs<Job> {
  readonly #jobs = new Map<string, { fingerprint: string; job: Job }>();

  /** The job of an earlier order with this seal. Throws `conflict` when that was another order. */
  find({ key, fingerprint }: Seal): Job | undefined {
    const earlier = this.#jobs.get(key);
    if (earlier === undefined || earlier.fingerprint === fingerprint) return earlier?.job;
    throw new NigaoeError(
      'conflict',
      'Expected the same photo and options for an idempotency key that was used before but received others',
      { hint: 'Take a new key for each new order, and the same key only to repeat one.' },
    );
  }

  keep({ key, fingerprint }: Seal, job: Job): void {
    this.#jobs.set(key, { fingerprint, job });
  }

  drop({ key }: Seal): void {
    this.#jobs.delete(key);
  }
}
