// `nigaoe serve`: opens the bridge, shows the code, and closes when it is told to.

import { once } from 'node:events';
import type { BridgeEvent } from '../../bridge/news.js';
import { type Bridge, openBridge } from '../../bridge/server.js';
import { makeSecret } from '../../bridge/tokens/secret.js';
import { checkDevices } from '../doctor/devices.js';
import type { FlagValues } from '../flags.js';
import type { Stage } from '../perform.js';
import { readFlags, type ServeFlags } from './flags.js';
import { tell, welcome } from './words.js';

/** For the jobs that are there when the bridge is stopped; a second Ctrl-C ends it at once. */
const DRAIN_MS = 60_000;

/** Serves until the signal is raised; 0. Throws what `openBridge` throws. */
export async function runServe(given: FlagValues, stage: Stage): Promise<number> {
  const flags = readFlags(given);
  const pageKey = makeSecret();
  const bridge = await open(flags, pageKey, stage);
  const offEnter = onEnter(() => bridge.pairing.show());
  try {
    announce(bridge, { flags, pageKey, stage });
    if (!stage.signal.aborted) await once(stage.signal, 'abort');
  } finally {
    offEnter();
    await bridge.close(DRAIN_MS);
  }
  return 0;
}

function open({ port, host, home, idleMs }: ServeFlags, pageKey: string, stage: Stage): Promise<Bridge> {
  return openBridge({
    port,
    pageKey,
    ...(host === undefined ? {} : { host }),
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

function announce(
  bridge: Bridge,
  { flags, pageKey, stage }: { flags: ServeFlags; pageKey: string; stage: Stage },
): void {
  const { port, addresses } = bridge;
  const page = `http://localhost:${port}/#key=${pageKey}`;
  const pairing = bridge.pairing.current();
  const lines = welcome({ port, host: flags.host, page, pairing });
  stage.terminal.result(lines, { event: 'listening', port, addresses, pairing, page });
}

function report(event: BridgeEvent, { terminal }: Stage): void {
  if (terminal.json) terminal.jsonOnly(event);
  else terminal.notice(tell(event));
}

/** Calls back for each line on a terminal; returns what ends that. */
function onEnter(act: () => void): () => void {
  const { stdin } = process;
  if (!stdin.isTTY) return () => undefined;
  stdin.on('data', act);
  return () => {
    stdin.off('data', act);
    stdin.pause();
  };
}
