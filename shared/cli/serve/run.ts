// `nigaoe serve`: opens the bridge, shows the code, and closes when it is told to.

import { once } from 'node:events';
import type { Bridge } from '../../bridge/server.js';
import { makeSecret } from '../../bridge/tokens/secret.js';
import type { FlagValues } from '../flags.js';
import type { Stage } from '../perform.js';
import { serveParent } from './child.js';
import { readFlags } from './flags.js';
import { open } from './open.js';
import { tell, waiting, welcome } from './words.js';

/** For the jobs that are there when the bridge is stopped; a second Ctrl-C ends it at once. */
const DRAIN_MS = 60_000;

/** Serves until the signal is raised; 0. Throws what `openBridge` throws. */
export async function runServe(given: FlagValues, stage: Stage): Promise<number> {
  const flags = readFlags(given);
  if (flags.child) return serveParent(flags, stage);
  const pageKey = makeSecret();
  const bridge = await open(flags, { pageKey }, stage);
  const offEnter = onEnter(stage, () => invite(bridge, stage));
  try {
    announce(bridge, { pageKey, stage });
    if (!stage.signal.aborted) await once(stage.signal, 'abort');
    if (flags.fleet === undefined) await tellWait(bridge, stage);
  } finally {
    offEnter();
    // Jobs in Redis go on without this bridge, and wait there for the next one.
    await bridge.close(flags.fleet === undefined ? DRAIN_MS : 0);
  }
  return 0;
}

function announce(bridge: Bridge, { pageKey, stage: { terminal } }: { pageKey: string; stage: Stage }): void {
  const { port, addresses, outside } = bridge;
  const page = pageOf(bridge, pageKey);
  const pairing = outside === undefined ? bridge.pairing.current() : undefined;
  const lines = welcome({ port, outside, page, pairing });
  terminal.result(lines, { event: 'listening', port, addresses, pairing, page });
}

/** A new code and a new address of the page. */
function invite(bridge: Bridge, { terminal }: Stage): void {
  const pageKey = makeSecret();
  bridge.pairing.show(pageKey);
  const event = { event: 'page', page: pageOf(bridge, pageKey) } as const;
  if (terminal.json) terminal.jsonOnly(event);
  else terminal.notice(tell(event));
}

const pageOf = ({ port }: Bridge, key: string): string => `http://localhost:${port}/#key=${key}`;

async function tellWait(bridge: Bridge, { terminal }: Stage): Promise<void> {
  const jobs = await bridge.jobs();
  if (jobs === 0) return;
  terminal.notice(waiting(jobs, DRAIN_MS));
  terminal.jsonOnly({ event: 'waiting', jobs });
}

/** Calls back for each line on a terminal, or of the program that started the bridge; returns what ends that. */
function onEnter({ terminal }: Stage, act: () => void): () => void {
  const { stdin } = process;
  if (!stdin.isTTY && !terminal.json) return () => undefined;
  stdin.on('data', act);
  return () => {
    stdin.off('data', act);
    stdin.pause();
  };
}
