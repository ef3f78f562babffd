// How a camera node proves who it is to one server: nobody, a token, or user and password as the server asks for them.

import { type Challenge, readChallenges } from './challenge.js';
import { type Credentials, type Digest, openDigest, strongestDigest } from './digest.js';

/** An `Authorization` header, and whether a refusal of it is final. */
export interface Proof {
  header: string | undefined;
  /** No older than the server's last word: refused all the same, user or password are wrong. */
  fresh: boolean;
}

export interface Identity {
  /** What the next request says. */
  prove(method: string, uri: string): Proof;
  /** Reads a refusal (401) of a proof: true where another try makes sense. */
  learn(wwwAuthenticate: string | undefined, refused: Proof): boolean;
  /** Whether there was anything to prove with: for the sentence of a refusal. */
  readonly has: 'nothing' | 'token' | 'password';
}

export function nobody(): Identity {
  return { prove: () => ({ header: undefined, fresh: false }), learn: () => false, has: 'nothing' };
}

export function byToken(token: string): Identity {
  return { prove: () => ({ header: `Bearer ${token}`, fresh: true }), learn: () => false, has: 'token' };
}

/** Nothing is sent before the server has asked, and then what it asked for; digest goes before basic. */
export function byPassword(credentials: Credentials): Identity {
  let answer: ((method: string, uri: string) => Proof) | undefined;
  return {
    prove: (method, uri) => answer?.(method, uri) ?? { header: undefined, fresh: false },
    learn(wwwAuthenticate, refused) {
      const challenges = readChallenges(wwwAuthenticate);
      answer = refused.fresh && !isStale(challenges) ? undefined : answerTo(challenges, credentials);
      return answer !== undefined;
    },
    has: 'password',
  };
}

/** A nonce that has run out is no wrong password (RFC 7616, section 3.3). */
function isStale(challenges: readonly Challenge[]): boolean {
  return challenges.some(({ parameters }) => parameters.get('stale')?.toLowerCase() === 'true');
}

function answerTo(
  challenges: readonly Challenge[],
  credentials: Credentials,
): ((method: string, uri: string) => Proof) | undefined {
  const challenge = strongestDigest(challenges);
  if (challenge !== undefined) return byDigest(openDigest(challenge, credentials));
  if (!challenges.some(({ scheme }) => scheme === 'basic')) return undefined;
  const pair = Buffer.from(`${credentials.user}:${credentials.password}`, 'utf8').toString('base64');
  return () => ({ header: `Basic ${pair}`, fresh: true });
}

/** Only the first use of a nonce is fresh: many cameras forget nonces without saying `stale`. */
function byDigest(digest: Digest): (method: string, uri: string) => Proof {
  return (method, uri) => {
    const fresh = digest.answers === 0;
    return { header: digest.answer(method, uri), fresh };
  };
}
