// One GET to a camera: proves who it is as often as asked, follows the camera's own redirects, and explains refusals.

import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { codeOf, type FailureCode, NigaoeError } from '../../shared/errors.js';
import type { Identity, Proof } from './identity.js';
import { shownAddress } from './sentences.js';

export interface HttpCall {
  url: URL;
  identity: Identity;
  /** Takes any certificate: for cameras that signed their own. */
  selfSigned: boolean;
  signal: AbortSignal;
}

/** An answer that holds something, its body not yet read. */
export async function openAnswer(call: HttpCall): Promise<IncomingMessage> {
  let { url } = call;
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    const proof = call.identity.prove('GET', url.pathname + url.search);
    const answer = await ask({ ...call, url }, proof);
    const onward = redirection(answer, url);
    if (isFine(answer)) return answer;
    answer.destroy();
    if (onward !== undefined) url = onward;
    else if (!mayTryAgain(answer, call.identity, proof)) throw refusal(answer, url, call.identity);
  }
  throw unanswered(url, 'it sends from one address to the next');
}
/** Enough for a challenge, a nonce that ran out and two redirects. */
const MOST_TURNS = 6;

function mayTryAgain({ statusCode, headers }: IncomingMessage, identity: Identity, proof: Proof): boolean {
  return statusCode === 401 && identity.learn(headers['www-authenticate'], proof);
}

function ask({ url, selfSigned, signal }: HttpCall, { header }: Proof): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      headers: {
        accept: 'image/*, multipart/x-mixed-replace;q=0.9, */*;q=0.5',
        'accept-encoding': 'identity',
        'cache-control': 'no-cache',
        ...(header === undefined ? {} : { authorization: header }),
      },
      // A connection for each request: cameras drop idle ones, and often serve few at a time.
      agent: false,
      rejectUnauthorized: !selfSigned,
      // Cameras write header lines that the strict parser refuses. One request per connection has nothing to smuggle.
      insecureHTTPParser: true,
      signal,
    });
    asked.on('response', resolve);
    asked.on('error', (error) => reject(signal.aborted ? error : unreached(url, error)));
    asked.on('upgrade', (_answer, socket) => {
      socket.destroy();
      reject(unanswered(url, 'it wants to speak another protocol (101)'));
    });
    // However a request ends, it ends with this.
    asked.on('close', () => reject(unanswered(url, 'the connection broke')));
    asked.end();
  });
}

function isFine({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200 && statusCode < 300;
}

/** Only to the same host, where the password belongs, and never back from HTTPS to HTTP. */
function redirection({ statusCode = 0, headers }: IncomingMessage, from: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined) return undefined;
  const to = URL.canParse(headers.location, from) ? new URL(headers.location, from) : undefined;
  const isSafe =
    to?.hostname === from.hostname &&
    (to.host === from.host || to.protocol !== from.protocol) &&
    (to.protocol === 'https:' || (to.protocol === 'http:' && from.protocol === 'http:'));
  if (to === undefined || !isSafe)
    throw new NigaoeError(
      'forbidden',
      `Expected a picture from ${shownAddress(from)} but it sends on to ${to === undefined ? 'an address that is none' : shownAddress(to)}`,
      { hint: 'If that is right, enter the new address in the node' },
    );
  return to;
}

const REASONS: Readonly<Record<number, { code: FailureCode; reason: string; hint?: string }>> = {
  403: {
    code: 'forbidden',
    reason: 'this user may not see it (403)',
    hint: 'Give the user the right to view, or look whether the camera has locked it after wrong passwords',
  },
  404: {
    code: 'not-found',
    reason: 'there is none at this address (404)',
    hint: "Look up the address for pictures in the camera's manual",
  },
  410: { code: 'not-found', reason: 'there is none at this address any more (410)' },
  429: { code: 'busy', reason: 'it is asked too often (429)', hint: 'Ask less often' },
  503: { code: 'busy', reason: 'it is busy (503)' },
};

function refusal({ statusCode = 0 }: IncomingMessage, url: URL, identity: Identity): NigaoeError {
  if (statusCode === 401) return notLetIn(url, identity);
  const { code, reason, hint } = REASONS[statusCode] ?? {
    code: 'unreachable',
    reason: `it answers ${statusCode}`,
  };
  return new NigaoeError(code, `Expected a picture from ${shownAddress(url)} but ${reason}`, { hint });
}

const REFUSED: Record<Identity['has'], { reason: string; hint: string }> = {
  nothing: { reason: 'it asks for user and password (401)', hint: 'Enter them in the node' },
  password: { reason: 'it refuses user or password (401)', hint: 'Check both in the node' },
  token: {
    reason: 'it refuses the token (401)',
    hint: 'Make a new long-lived access token and enter it in the node',
  },
};

function notLetIn(url: URL, identity: Identity): NigaoeError {
  const { reason, hint } = REFUSED[identity.has];
  return new NigaoeError('unauthorised', `Expected a picture from ${shownAddress(url)} but ${reason}`, {
    hint,
  });
}

const CAUSES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing answers there',
  ECONNRESET: 'the connection broke',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ENOTFOUND: 'nobody knows this name',
  EAI_AGAIN: 'the name server does not answer',
  ETIMEDOUT: 'it does not answer',
};

function unreached(url: URL, error: Error): NigaoeError {
  const code = codeOf(error) ?? '';
  if (isAboutCertificate(code))
    return unanswered(url, `its certificate is not trusted (${code})`, {
      hint: 'If the camera signed its own, tick the option for that',
    });
  return unanswered(url, CAUSES[code] ?? error.message, {
    hint: code === 'ECONNREFUSED' ? 'Check address and port, and that the camera is on' : undefined,
  });
}

function isAboutCertificate(code: string): boolean {
  return code.includes('CERT') || code.startsWith('ERR_TLS') || code.startsWith('UNABLE_TO');
}

/** The error for a camera that gives no picture now and may give one later. */
export function unanswered(url: URL, reason: string, { hint }: { hint?: string } = {}): NigaoeError {
  return new NigaoeError('unreachable', `Expected a picture from ${shownAddress(url)} but ${reason}`, {
    hint,
  });
}
