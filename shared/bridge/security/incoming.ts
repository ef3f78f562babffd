// Bodies on their way: photos take memory while they come in, long before a queue counts them.

import type { FastifyInstance } from 'fastify';
import { busy } from '../busy.js';
import type { BridgeLimits } from '../limits.js';
import { holderOf } from './bearer.js';

/** How long a photo may well be on its way, in seconds. */
const RETRY_AFTER_S = 2;

/** The room for bodies that have begun and not yet come. */
export class IncomingBodies {
  readonly #limits: BridgeLimits;
  /** Bytes of each owner that has some on the way. */
  readonly #own = new Map<string, number>();

  constructor(limits: BridgeLimits) {
    this.#limits = limits;
  }

  get bytes(): number {
    return [...this.#own.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Sets room aside and returns what gives it back; throws `busy` where there is none. */
  reserve(owner: string, bytes: number): () => void {
    const { incomingBytes, incomingBytesPerToken } = this.#limits;
    if (this.#ownOf(owner) + bytes > incomingBytesPerToken)
      throw tooMany('this client', incomingBytesPerToken);
    if (this.bytes + bytes > incomingBytes) throw tooMany('all clients together', incomingBytes);
    this.#add(owner, bytes);
    let isHeld = true;
    return () => {
      if (isHeld) this.#add(owner, -bytes);
      isHeld = false;
    };
  }

  #ownOf(owner: string): number {
    return this.#own.get(owner) ?? 0;
  }

  #add(owner: string, bytes: number): void {
    const own = this.#ownOf(owner) + bytes;
    if (own > 0) this.#own.set(owner, own);
    else this.#own.delete(owner);
  }
}

/** Has the routes of this scope take no body for which there is no room; they must know their token holder. */
export function limitIncoming(
  scope: FastifyInstance,
  { incoming, bodyBytes }: { incoming: IncomingBodies; bodyBytes: number },
): void {
  scope.addHook('preParsing', async (request, _reply, payload) => {
    // What is longer is refused by its parser, unread; what does not say may become as long as that.
    const bytes = Math.min(Number(request.headers['content-length'] ?? bodyBytes), bodyBytes);
    const release = incoming.reserve(holderOf(request).id, bytes);
    payload.once('end', release).once('close', release);
  });
}

function tooMany(whose: string, most: number) {
  const message = `Expected at most ${Math.ceil(most / 2 ** 20)} MiB of photos on their way from ${whose} but more are coming`;
  return busy(message, { retryAfterS: RETRY_AFTER_S, hint: 'Send fewer photos at once.' });
}
