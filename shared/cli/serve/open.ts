// Opens the bridge as the flags say, with the engine and the devices of this machine.

import type { BridgeEvent } from '../../bridge/news.js';
import { type Bridge, type BridgeOptions, openBridge } from '../../bridge/server.js';
import { checkDevices } from '../doctor/devices.js';
import type { Stage } from '../perform.js';
import type { ServeFlags } from './flags.js';
import { tell } from './words.js';

/** How somebody gets in: by the page's key, or with a token that is there from the start. */
type Keys = Pick<BridgeOptions, 'pageKey' | 'token'>;

/** Throws what `openBridge` throws. */
export function open(
  { port, host, home, idleMs, fleet }: ServeFlags,
  keys: Keys,
  stage: Stage,
): Promise<Bridge> {
  return openBridge({
    ...keys,
    port,
    ...(host === undefined ? {} : { host }),
    fleet,
    stylizer: {
      ...(home === undefined ? {} : { store: { home } }),
      ...(idleMs === undefined ? {} : { idleMs }),
    },
    devices: () => probe(stage.signal),
    onEvent: (event) => report(event, stage),
  });
}

async function probe(signal: AbortSignal) {
  const checks = await checkDevices(signal);
  return checks.map(({ device, works, reason }) => ({
    device,
    works,
    ...(reason === undefined ? {} : { reason }),
  }));
}

function report(event: BridgeEvent, { terminal }: Stage): void {
  if (terminal.json) terminal.jsonOnly(event);
  else terminal.notice(tell(event));
}
