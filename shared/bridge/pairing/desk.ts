// The pairing desk: trades a six-digit code, or the key of the bridge's own page, for the right to a token.

import { randomInt } from 'node:crypto';
import { NigaoeError } from '../../errors.js';
import { busy } from '../busy.js';
import type { BridgeEvent } from '../news.js';
import type { PairingInfo } from '../protocol.js';
import { isSame } from '../tokens/secret.js';

export interface PairingRules {
  /** Milliseconds that pairing stays open, and that a key of the page is good for; default three minutes. */
  codeMs: number;
  /** Wrong codes after which a code is no longer good. */
  triesPerCode: number;
  /** Wrong codes, from wherever, after which codes rest until pairing is opened again. */
  triesPerOpening: number;
}

// A page that guesses as long as somebody keeps pairing open has one chance in 5,000 within an hour.
export const PAIRING_RULES: Readonly<PairingRules> = {
  codeMs: 180_000,
  triesPerCode: 5,
  triesPerOpening: 10,
};

/** How a desk is opened. */
interface Opening {
  rules: PairingRules;
  /** The first key of the page. */
  pageKey: string | undefined;
  /** Whether codes are traded at all. */
  codes: boolean;
}

/**
 * One code at a time, good once. It is good while pairing is open: from the start, and again when somebody at the bridge
 * asks for a code. A try opens nothing.
 */
export class PairingDesk {
  readonly #rules: PairingRules;
  readonly #codes: boolean;
  readonly #say: (event: BridgeEvent) => void;
  #page: { key: string; endMs: number } | undefined;
  #code = '';
  #endMs = 0;
  /** Wrong codes since this code came, and since pairing was opened. */
  #wrong = { code: 0, opening: 0 };

  constructor({ rules, pageKey, codes }: Opening, say: (event: BridgeEvent) => void) {
    this.#rules = rules;
    this.#codes = codes;
    this.#say = say;
    this.#takeKey(pageKey);
    this.#open();
  }

  /** Whether anybody can pair by code at all, be a code open at present or not. */
  get tradesCodes(): boolean {
    return this.#codes;
  }

  /** The present code, for somebody at the bridge; opens pairing again where its time is over. Throws `forbidden` without codes. */
  current(): PairingInfo {
    if (!this.#codes) throw noCodes();
    if (this.#isOver) this.#open();
    return { code: this.#code, expiresAt: new Date(this.#endMs).toISOString() };
  }

  /** Opens pairing anew: a new code, which the person beside the bridge is told, and with it this key of the page. */
  show(pageKey?: string): void {
    this.#takeKey(pageKey);
    if (!this.#codes) return;
    this.#open();
    this.#tellCode('asked');
  }

  /**
   * Takes a code or the page's key, once; returns which it was.
   * @throws NigaoeError `forbidden` for what is neither or not good any more, `busy` while codes rest
   */
  redeem(secret: string): 'code' | 'page' {
    // What is no code is no guess at one either.
    if (!CODE.test(secret)) return this.#redeemKey(secret);
    if (!this.#codes) throw noCodes();
    if (this.#isOver) throw expired();
    if (this.#wrong.opening >= this.#rules.triesPerOpening) throw resting(this.#endMs);
    if (!isSame(secret, this.#code)) throw this.#refuse();
    this.#open();
    this.#tellCode('used');
    return 'code';
  }

  get #isOver(): boolean {
    return Date.now() >= this.#endMs;
  }

  #redeemKey(key: string): 'page' {
    const page = this.#page;
    if (page === undefined || !isSame(key, page.key) || Date.now() >= page.endMs) throw wrongKey();
    this.#page = undefined;
    return 'page';
  }

  #refuse(): NigaoeError {
    this.#wrong.code += 1;
    this.#wrong.opening += 1;
    if (this.#wrong.opening >= this.#rules.triesPerOpening)
      this.#say({ event: 'guessing', until: new Date(this.#endMs).toISOString() });
    else if (this.#wrong.code >= this.#rules.triesPerCode) {
      this.#renew();
      this.#tellCode('guessed');
    }
    return wrongCode();
  }

  #takeKey(key: string | undefined): void {
    this.#page = key === undefined ? undefined : { key, endMs: Date.now() + this.#rules.codeMs };
  }

  #open(): void {
    this.#endMs = Date.now() + this.#rules.codeMs;
    this.#wrong.opening = 0;
    this.#renew();
  }

  #renew(): void {
    this.#code = String(randomInt(1_000_000)).padStart(6, '0');
    this.#wrong.code = 0;
  }

  #tellCode(reason: 'used' | 'guessed' | 'asked'): void {
    this.#say({ event: 'code', ...this.current(), reason });
  }
}

const CODE = /^\d{6}$/;
const ANEW = 'Press Enter in the terminal of `nigaoe serve` for a new code, or look at its page.';

const noCodes = () =>
  new NigaoeError('forbidden', 'Expected no code for a bridge that only knows tokens', {
    hint: 'Make a token with `nigaoe tokens create NAME` on the computer of the bridge, and give it to this program.',
  });

const wrongCode = () =>
  new NigaoeError('forbidden', 'Expected the code that the bridge shows but received another', {
    hint: 'Type the six digits that stand last in the terminal of `nigaoe serve`; each code works once, for three minutes and five tries.',
  });

const expired = () =>
  new NigaoeError('forbidden', 'Expected the code that the bridge shows but the last one has expired', {
    hint: ANEW,
  });

const wrongKey = () =>
  new NigaoeError(
    'forbidden',
    'Expected the key of the page but received one that is used, expired or wrong',
    {
      hint: 'Press Enter in the terminal of `nigaoe serve` for a new one, or type the code that it shows.',
    },
  );

const resting = (endMs: number) =>
  busy('Expected a code but too many wrong ones came', {
    retryAfterS: (endMs - Date.now()) / 1000,
    hint: ANEW,
  });
