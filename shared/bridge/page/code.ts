// The code for pairing other programs, with the time that it still works.

import type { BridgeClient } from '../client.js';
import type { PairingInfo } from '../protocol.js';
import { find, show } from './dom.js';

/** A code that another program has used is replaced: the page must see that soon. */
const ASK_AGAIN_MS = 5_000;
/** How long the bridge gives a code; only the bar depends on it. */
const LIFE_MS = 180_000;

let ticking: ReturnType<typeof setInterval> | undefined;

/** Shows the code as long as the page is open; a page that paired with a code itself may not see it. */
export async function showCode(client: BridgeClient): Promise<void> {
  clearInterval(ticking);
  const pairing = await client.pairing().catch(() => undefined);
  show(find('code-card', HTMLElement), pairing !== undefined);
  if (pairing !== undefined) startClock(client, pairing);
}

function startClock(client: BridgeClient, pairing: PairingInfo): void {
  clearInterval(ticking);
  const asksMs = Date.now() + ASK_AGAIN_MS;
  find('code', HTMLParagraphElement).textContent = pairing.code.replace(/^(\d{3})(\d{3})$/, '$1 $2');
  const tick = () => {
    showLeft(Math.max(0, Date.parse(pairing.expiresAt) - Date.now()));
    // A tab that nobody sees need not know.
    if (Date.now() >= asksMs && document.visibilityState === 'visible') void showCode(client);
  };
  tick();
  ticking = setInterval(tick, 1000);
}

function showLeft(leftMs: number): void {
  const seconds = Math.ceil(leftMs / 1000);
  const clock = `${Math.trunc(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  find('code-left', HTMLParagraphElement).textContent = `${clock} left, then a new one comes.`;
  find('code-life', HTMLProgressElement).value = leftMs / LIFE_MS;
}
