// The page's token: traded for the key in the address or for a code, or given by hand; kept until the tab is closed.

import { type BridgeClient, openClient } from '../client.js';
import { pageName } from './name.js';

/** `fleeting` ends with the bridge: the key in the address was traded for it. `lasting` ends when it is revoked. */
export type TokenKind = 'fleeting' | 'lasting';

const TOKEN_KEPT_AS = 'nigaoe-token';
const KIND_KEPT_AS = 'nigaoe-token-kind';

/** A client that can speak for the page, or undefined where a code or token is needed first. */
export async function resumeSession(): Promise<BridgeClient | undefined> {
  const key = takeKey();
  const kept = sessionStorage.getItem(TOKEN_KEPT_AS) ?? undefined;
  if (key === undefined) return kept === undefined ? undefined : clientWith(kept);
  return trade(key, 'fleeting').catch((error: unknown) => {
    // The key of a reopened tab was used when the tab was new.
    if (kept === undefined) throw error;
    return clientWith(kept);
  });
}

/** Trades a code for a token, or takes a token as it is. Throws `unauthorised` for one that the bridge does not know. */
export async function pairPage(secret: string): Promise<BridgeClient> {
  const text = secret.trim();
  if (!text.startsWith('nigaoe_')) return trade(text, 'lasting');
  const client = clientWith(text);
  await client.options();
  keep(text, 'lasting');
  return client;
}

/** What kind of token the page has; undefined without one. */
export function tokenKind(): TokenKind | undefined {
  if (sessionStorage.getItem(TOKEN_KEPT_AS) === null) return undefined;
  return sessionStorage.getItem(KIND_KEPT_AS) === 'fleeting' ? 'fleeting' : 'lasting';
}

export function forgetSession(): void {
  for (const item of [TOKEN_KEPT_AS, KIND_KEPT_AS]) sessionStorage.removeItem(item);
}

/** A client of the bridge that this page came from. */
export function clientWith(token?: string, retries?: number): BridgeClient {
  return openClient({ url: location.origin, token, retries });
}

async function trade(secret: string, kind: TokenKind): Promise<BridgeClient> {
  const { token } = await clientWith().pair(secret, pageName());
  keep(token, kind);
  return clientWith(token);
}

function keep(token: string, kind: TokenKind): void {
  sessionStorage.setItem(TOKEN_KEPT_AS, token);
  sessionStorage.setItem(KIND_KEPT_AS, kind);
}

/** The key behind `#key=`, which is taken out of the address: it works once and belongs into no bookmark. */
function takeKey(): string | undefined {
  const key = new URLSearchParams(location.hash.slice(1)).get('key');
  if (key !== null) history.replaceState(null, '', location.pathname);
  return key ?? undefined;
}
