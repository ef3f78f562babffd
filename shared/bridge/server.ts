// The bridge: one local HTTP server over the stylizer, for front ends on this machine.

import { setTimeout as delay } from 'node:timers/promises';
import { NigaoeError } from '../errors.js';
import { type IsolationOptions, openIsolatedStylizer } from '../isolated.js';
import { openStore } from '../models/store/store.js';
import type { StylizerOptions } from '../stylizer.js';
import { buildApp } from './app.js';
import type { BridgeContext } from './context.js';
import { openMemoryQueue } from './jobs/memory.js';
import { type BridgeLimits, DEFAULT_LIMITS } from './limits.js';
import { type Listening, listenOn } from './listen.js';
import type { BridgeEvent } from './news.js';
import { PAIRING_RULES, PairingDesk, type PairingRules } from './pairing/desk.js';
import { DEFAULT_PORT, type DeviceInfo } from './protocol.js';
import { addressesFor, hostBeyondLoopback } from './security/addresses.js';
import { NO_NAMES, namesFor } from './security/names.js';
import { TokenList } from './tokens/list.js';

export interface BridgeOptions {
  /** Default 8826; 0: any that is free. */
  port?: number;
  /** An address of this machine to listen on besides loopback; needs a token to be there. Default: loopback alone. */
  host?: string;
  /** How the child process draws; its `store.home` is where the tokens lie too. */
  stylizer?: StylizerOptions & IsolationOptions;
  limits?: Partial<BridgeLimits>;
  /** How much the queue takes and keeps. */
  jobs?: Parameters<typeof openMemoryQueue>[1];
  pairing?: Partial<PairingRules>;
  /** The key that the bridge's own page is opened with; good once. Without one, the page asks for the code too. */
  pageKey?: string;
  /** Tries the devices; asked once. */
  devices(): Promise<DeviceInfo[]>;
  /** Told what the person beside the bridge should hear of. */
  onEvent?: (event: BridgeEvent) => void;
}

export interface Bridge {
  readonly port: number;
  /** Addresses that it listens on. */
  readonly addresses: readonly string[];
  /** Codes for front ends. */
  readonly pairing: Pick<PairingDesk, 'current' | 'show'>;
  /** The process that draws; undefined while there is none. */
  readonly enginePid: number | undefined;
  /** Takes no jobs any more, lets those that are there finish for up to `drainMs` (default 0), cancels the rest, and closes. */
  close(drainMs?: number): Promise<void>;
}

/**
 * Opens the bridge on 127.0.0.1 and ::1.
 * @throws NigaoeError `conflict` for a port that is taken, `forbidden` for a host beyond loopback without any token
 */
export async function openBridge(options: BridgeOptions): Promise<Bridge> {
  const host = hostBeyondLoopback(options.host);
  const store = openStore(options.stylizer?.store);
  const tokens = new TokenList(store.settings.home);
  if (host !== undefined) await demandToken(tokens, host);
  const stylizer = await openIsolatedStylizer(options.stylizer);
  const queue = openMemoryQueue(stylizer, options.jobs);
  const context = makeContext(options, { store, tokens, queue });
  const app = await buildApp(context);
  const ends = [() => queue.close(), () => app.close(), () => tokens.close(), () => stylizer.close()];
  const listening = await listen(options, { host, context, handler: app.routing }).catch(
    async (error: unknown) => {
      for (const end of ends) await end();
      throw error;
    },
  );
  return {
    port: listening.port,
    addresses: listening.addresses,
    pairing: context.pairing,
    get enginePid() {
      return stylizer.pid;
    },
    close: once(async (drainMs = 0) => {
      await drain(context, drainMs);
      const [endJobs, ...others] = ends;
      // Ends the event streams too, which would keep their connections.
      await endJobs();
      await listening.close();
      for (const end of others) await end();
    }),
  };
}

function makeContext(
  options: BridgeOptions,
  parts: Pick<BridgeContext, 'store' | 'tokens' | 'queue'>,
): BridgeContext {
  const say = (event: BridgeEvent) => options.onEvent?.(event);
  let devices: Promise<DeviceInfo[]> | undefined;
  return {
    ...parts,
    say,
    pairing: new PairingDesk(options.pageKey, { ...PAIRING_RULES, ...options.pairing }, say),
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    names: NO_NAMES,
    draining: false,
    devices() {
      devices ??= options.devices();
      return devices;
    },
  };
}

async function listen(
  { port = DEFAULT_PORT }: BridgeOptions,
  { host, context, handler }: { host: string | undefined; context: BridgeContext; handler: Handler },
): Promise<Listening> {
  const { limits } = context;
  const listening = await listenOn(handler, { port, addresses: addressesFor(host), limits });
  context.names = namesFor(listening.port, host);
  return listening;
}
type Handler = Parameters<typeof listenOn>[0];

/** Whoever opens the bridge to other machines has decided who may use it: codes are for this machine alone. */
async function demandToken(tokens: TokenList, host: string): Promise<void> {
  if ((await tokens.all()).length > 0) return;
  throw new NigaoeError(
    'forbidden',
    `Expected a token to be there before the bridge listens on ${host} but there is none`,
    {
      hint: 'Programs on other computers cannot pair by code: make a token with `nigaoe tokens create NAME` first.',
    },
  );
}

async function drain(context: BridgeContext, drainMs: number): Promise<void> {
  context.draining = true;
  const endMs = performance.now() + drainMs;
  while (isBusy(context) && performance.now() < endMs) await delay(DRAIN_POLL_MS);
}
const DRAIN_POLL_MS = 50;

function isBusy({ queue }: BridgeContext): boolean {
  const { queued, running } = queue.gauges();
  return queued + running > 0;
}

/** Closing twice waits for the same end. */
function once(close: (drainMs?: number) => Promise<void>): (drainMs?: number) => Promise<void> {
  let closing: Promise<void> | undefined;
  return (drainMs) => {
    closing ??= close(drainMs);
    return closing;
  };
}
