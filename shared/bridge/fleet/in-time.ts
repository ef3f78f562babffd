// Answers of Redis that somebody waits for.

import { NigaoeError } from '../../errors.js';

/** Orders are refused where Redis does not answer for so long; a client that repeats them loses nothing. */
const ANSWER_MS = 10_000;

/** The answer, or `unreachable`; `late` is called where it comes after all. */
export async function inTime<Answer>(answer: Promise<Answer>, late = () => {}): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      answer.then(late, () => undefined);
      reject(noAnswer());
    }, ANSWER_MS);
  });
  try {
    return await Promise.race([answer, over]);
  } finally {
    clearTimeout(timer);
  }
}

const noAnswer = (): NigaoeError =>
  new NigaoeError('unreachable', `Expected Redis to answer within ${ANSWER_MS / 1000} s but it does not`, {
    hint: 'The job was not taken. Send it again when the bridge reaches Redis, with the same idempotency key.',
  });
