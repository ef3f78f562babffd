// Answers of Redis that somebody waits for.

import { setTimeout as delay } from 'node:timers/promises';
import { NigaoeError } from '../../errors.js';
import { busy } from '../busy.js';

/** Orders are refused where Redis does not answer for so long; a client that repeats them loses nothing. */
const ANSWER_MS = 10_000;

/** The answer, or `unreachable`; `late` is called when there is one after all, whatever it is. */
export async function inTime<Answer>(answer: Promise<Answer>, late = () => {}): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      answer.then(late, late);
      reject(new NoAnswer());
    }, ANSWER_MS);
  });
  try {
    return await Promise.race([answer, over]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for what Redis is told at the end, but not for a Redis that has gone. */
export async function orGone(farewell: Promise<unknown>, mostMs = 2_000): Promise<void> {
  const over = new AbortController();
  const late = delay(mostMs, undefined, { signal: over.signal }).catch(() => undefined);
  await Promise.race([farewell.catch(() => undefined), late]);
  over.abort();
}

class NoAnswer extends NigaoeError {
  constructor() {
    super('unreachable', `Expected Redis to answer within ${ANSWER_MS / 1000} s but it does not`, {
      hint: 'The job was not taken. Send it again when the bridge reaches Redis, with the same idempotency key.',
    });
  }
}

export const isNoAnswer = (error: unknown): boolean => error instanceof NoAnswer;

/** Whether Redis refuses what takes memory. */
export const isFull = (error: unknown): boolean => error instanceof Error && error.message.startsWith('OOM');

const ROOM_S = 30;

export const redisFull = (): NigaoeError =>
  busy('Expected room in Redis for the photo but its memory is full', {
    retryAfterS: ROOM_S,
    hint: 'Fetch what is drawn, give Redis more memory (maxmemory), or have pictures go through a folder (--blobs).',
  });
