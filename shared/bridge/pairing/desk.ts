// The pairing desk: trades a six-digit code, or the key of the bridge's own page, for the right to a token.

import { randomInt } from 'node:crypto';
import { NigaoeError } from '../../errors.js';
import { busy } from '../busy.js';
import type { BridgeEvent } from '../news.js';
import type { PairingInfo } from '../protocol.js';
import { isSame } from '../tokens/secret.js';

export interface PairingRules {
  /** Milliseconds that a code is good for; default three minutes. */
  codeMs: number;
  /** Wrong codes after which a code is no longer good. */
  triesPerCode: number;
  /** Wrong codes within an hour, from wherever, after which codes rest: a million codes then take four years. */
  triesPerHour: number;
}

export const PAIRING_RULES: Readonly<PairingRules> = { codeMs: 180_000, triesPerCode: 5, triesPerHour: 25 };

const HOUR_MS = 3_600_000;

/** One code at a time, good once. A code that has expired is replaced when somebody asks for it or tries it. */
export class PairingDesk {
  readonly #rules: PairingRules;
  readonly #say: (event: BridgeEvent) => void;
  #pageKey: string | undefined;
  #code = '';
  #expiresMs = 0;
  #triesLeft = 0;
  #wrongMs: number[] = [];

  constructor(pageKey: string | undefined, rules: PairingRules, say: (event: BridgeEvent) => void) {
    this.#pageKey = pageKey;
    this.#rules = rules;
    this.#say = say;
    this.#renew();
  }

  /** The present code; a new one where the last has expired. */
  current(): PairingInfo {
    if (Date.now() >= this.#expiresMs) this.#renew();
    return { code: this.#code, expiresAt: new Date(this.#expiresMs).toISOString() };
  }

  /** The same, told to the person beside the bridge. */
  show(): void {
    this.#say({ event: 'code', ...this.current(), reason: 'asked' });
  }

  /**
   * Takes a code or the page's key, once; returns which it was.
   * @throws NigaoeError `forbidden` for what is neither, `busy` while codes rest
   */
  redeem(code: string): 'code' | 'page' {
    if (this.#pageKey !== undefined && isSame(code, this.#pageKey)) {
      this.#pageKey = undefined;
      return 'page';
    }
    this.#checkRest();
    if (Date.now() >= this.#expiresMs) throw this.#refuse('expired');
    if (!isSame(code, this.#code)) throw this.#refuse('wrong');
    this.#replace('used');
    return 'code';
  }

  #refuse(why: 'expired' | 'wrong'): NigaoeError {
    this.#wrongMs.push(Date.now());
    this.#triesLeft--;
    if (why === 'expired') this.#replace('expired');
    else if (this.#triesLeft <= 0) this.#replace('guessed');
    if (this.#wrongMs.length >= this.#rules.triesPerHour)
      this.#say({ event: 'guessing', until: new Date(this.#restEndMs()).toISOString() });
    const message = `Expected the code that the bridge shows but received ${why === 'expired' ? 'one when it had expired' : 'another'}`;
    return new NigaoeError('forbidden', message, {
      hint: 'Type the six digits that stand last in the terminal of `nigaoe serve`; each code works once, for three minutes and five tries.',
    });
  }

  #checkRest(): void {
    this.#wrongMs = this.#wrongMs.filter((ms) => Date.now() - ms < HOUR_MS);
    if (this.#wrongMs.length < this.#rules.triesPerHour) return;
    throw busy('Expected a code but too many wrong ones came within an hour', {
      retryAfterS: (this.#restEndMs() - Date.now()) / 1000,
      hint: 'Wait, or start `nigaoe serve` anew, or use the address with the key that it shows.',
    });
  }

  #restEndMs(): number {
    return (this.#wrongMs[0] ?? Date.now()) + HOUR_MS;
  }

  #replace(reason: 'used' | 'expired' | 'guessed'): void {
    this.#renew();
    this.#say({ event: 'code', ...this.current(), reason });
  }

  #renew(): void {
    this.#code = String(randomInt(1_000_000)).padStart(6, '0');
    this.#expiresMs = Date.now() + this.#rules.codeMs;
    this.#triesLeft = this.#rules.triesPerCode;
  }
}
