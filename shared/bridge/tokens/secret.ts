// Secrets: made at random, kept as a hash, compared in constant time.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const SECRET_BYTES = 32;

/** 256 random bits that can stand in a header and in the fragment of a URL. */
export function makeSecret(prefix = ''): string {
  return prefix + randomBytes(SECRET_BYTES).toString('base64url');
}

/** Hexadecimal. A plain hash will do: nobody can try 2^256 secrets. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Whether two texts are the same, in a time that does not tell how much of them is. */
export const isSame = (a: string, b: string): boolean => isSameHash(hashOf(a), hashOf(b));

/** The same for their hashes. */
export function isSameHash(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a, 'hex'), Buffer.from(b, 'hex'));
}
