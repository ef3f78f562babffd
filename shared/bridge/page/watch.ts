// Watches whether the bridge is there, and shows it as a light.

import type { Health } from '../protocol.js';
import { find } from './dom.js';
import { clientWith } from './session.js';

/** `closed`: it answers, but the page has no token. */
type Light = 'waiting' | 'on' | 'off' | 'closed';
const WORDS: Record<Light, string> = {
  waiting: 'Connecting…',
  on: 'Connected',
  off: 'The bridge does not answer',
  closed: 'Not connected',
};
const EVERY_MS = 4000;
/** For what changes seldom, beside the page: styles that somebody pulls in a terminal. */
const LOOK_EVERY_MS = 60_000;
/** A window that comes to the front is told twice. */
const LOOK_PAUSE_MS = 1000;

export function showLight(state: Light): void {
  const light = find('light', HTMLParagraphElement);
  if (light.dataset.state === state) return;
  light.dataset.state = state;
  light.textContent = WORDS[state];
}

/** Asks again and again; `onChange` hears of the bridge going (undefined) and coming back, as seen from the light. */
export function watchBridge(onChange: (health: Health | undefined) => void): void {
  const light = find('light', HTMLParagraphElement);
  setInterval(async () => {
    const health = await clientWith(undefined, 0)
      .health()
      .catch(() => undefined);
    // A call that failed may have seen the bridge gone between two looks.
    const seemsThere = light.dataset.state !== 'off';
    if ((health !== undefined) !== seemsThere) onChange(health);
  }, EVERY_MS);
}

/** Calls when the page is looked at again, and seldom while it is looked at. */
export function watchForLooks(onLook: () => void): void {
  let lastMs = Date.now();
  const look = (pauseMs: number) => {
    if (document.visibilityState !== 'visible' || Date.now() - lastMs < pauseMs) return;
    lastMs = Date.now();
    onLook();
  };
  document.addEventListener('visibilitychange', () => look(LOOK_PAUSE_MS));
  addEventListener('focus', () => look(LOOK_PAUSE_MS));
  setInterval(() => look(LOOK_EVERY_MS), EVERY_MS);
}
