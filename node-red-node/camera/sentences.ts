// Addresses and errors as people may see them: with the reason, without passwords.

import { NigaoeError } from '../../shared/errors.js';
import { FlowError, failureFrom } from '../engine/failure.js';

/** An address without user, password and query, which often holds a password too. */
export function shownAddress(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** A text that another program wrote, without the secrets that it may repeat. */
function withoutSecrets(text: string, secrets: readonly (string | undefined)[]): string {
  const written = secrets.filter((secret) => (secret?.length ?? 0) >= LEAST_SECRET) as string[];
  const spellings = written.flatMap((secret) => [secret, encodeURIComponent(secret)]);
  const cleaned = text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi, '$1');
  return spellings.reduce((left, secret) => left.replaceAll(secret, '***'), cleaned);
}

/** Shorter ones are no secret, and blotting them out would only spoil the sentence. */
const LEAST_SECRET = 4;

/** An error as the flow gets it, without the secrets that a program may have repeated in it. */
export function cameraError(thrown: unknown, secrets: readonly (string | undefined)[]): FlowError {
  const { code, message, hint = '' } = failureFrom(thrown);
  const [sentence, remedy] = [message, hint].map((text) => withoutSecrets(text, secrets));
  return new FlowError(new NigaoeError(code, sentence, { hint: remedy === '' ? undefined : remedy }));
}
