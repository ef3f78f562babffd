// Addresses and errors as people may see them: with the reason, without passwords.

import { asFailure, type FailureCode } from '../../shared/errors.js';

/** An address without user, password and query, which often holds a password too. */
export function shownAddress(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** A text that another program wrote, without the secrets that it may repeat. */
export function withoutSecrets(text: string, secrets: readonly (string | undefined)[]): string {
  const written = secrets.filter((secret) => (secret?.length ?? 0) >= LEAST_SECRET) as string[];
  const spellings = written.flatMap((secret) => [secret, encodeURIComponent(secret)]);
  const cleaned = text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi, '$1');
  return spellings.reduce((left, secret) => left.replaceAll(secret, '***'), cleaned);
}

/** Shorter ones are no secret, and blotting them out would only spoil the sentence. */
const LEAST_SECRET = 4;

/** An error as Catch nodes get it: the sentence with its remedy, and an own `code`. */
export class CameraError extends Error {
  readonly code: FailureCode;

  constructor(code: FailureCode, sentence: string) {
    super(sentence);
    this.name = 'CameraError';
    this.code = code;
  }

  /** Node-RED puts this into `msg.error.message`: the class is no news to a user. */
  override toString(): string {
    return this.message;
  }
}

/** The causes stay behind: a Catch node would pass them on, and they may quote an address in full. */
export function cameraError(thrown: unknown, secrets: readonly (string | undefined)[]): CameraError {
  const { code, message, hint } = asFailure(thrown);
  const sentence = hint === undefined ? message : `${message}. ${hint}`;
  return new CameraError(code, withoutSecrets(sentence, secrets));
}
