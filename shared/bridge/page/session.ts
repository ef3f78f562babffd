// The page's token: traded for the key in the address or for a code, and kept until the tab is closed.

import { type BridgeClient, openClient } from '../client.js';

const KEPT_AS = 'nigaoe-token';
/** How the list of tokens calls this page: there may be several. */
const NAME =
  `page in ${/Firefox|Edg|Chrom|Safari/.exec(navigator.userAgent)?.[0] ?? 'a browser'} on ${navigator.platform}`.slice(
    0,
    60,
  );

/** A client that can speak for the page, or undefined where a code is needed first. */
export async function resumeSession(): Promise<BridgeClient | undefined> {
  const key = takeKey();
  const kept = sessionStorage.getItem(KEPT_AS) ?? undefined;
  if (key === undefined) return kept === undefined ? undefined : clientWith(kept);
  return pairPage(key).catch((error: unknown) => {
    // The key of a reopened tab was used when the tab was new.
    if (kept === undefined) throw error;
    return clientWith(kept);
  });
}

/** Trades a key or a code for a token. */
export async function pairPage(code: string): Promise<BridgeClient> {
  const { token } = await clientWith().pair(code, NAME);
  sessionStorage.setItem(KEPT_AS, token);
  return clientWith(token);
}

export function forgetSession(): void {
  sessionStorage.removeItem(KEPT_AS);
}

/** A client of the bridge that this page came from. */
export function clientWith(token?: string, retries?: number): BridgeClient {
  return openClient({ url: location.origin, token, retries });
}

/** The key behind `#key=`, which is taken out of the address: it works once and belongs into no bookmark. */
function takeKey(): string | undefined {
  const key = new URLSearchParams(location.hash.slice(1)).get('key');
  if (key !== null) history.replaceState(null, '', location.pathname);
  return key ?? undefined;
}
