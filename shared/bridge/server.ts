// The bridge: one local HTTP server over the stylizer, for front ends on this machine.

import { NigaoeError } from '../errors.js';
import type { IsolationOptions } from '../isolated.js';
import { openStore } from '../models/store/store.js';
import type { StylizerOptions } from '../stylizer.js';
import { buildApp } from './app.js';
import { openAtelier } from './atelier.js';
import type { BridgeContext } from './context.js';
import type { FleetSettings } from './fleet/open.js';
import type { QueueLimits } from './jobs/queue.js';
import { type BridgeLimits, DEFAULT_LIMITS } from './limits.js';
import { type Listening, listenOn } from './listen.js';
import type { BridgeEvent } from './news.js';
import { watchRevoked } from './orders/revoked.js';
import { PAIRING_RULES, PairingDesk, type PairingRules } from './pairing/desk.js';
import { DEFAULT_PORT, type DeviceInfo } from './protocol.js';
import { Remembered } from './remembered.js';
import { addressesFor, findOutside, type Outside } from './security/addresses.js';
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
  /** Has jobs drawn by workers over this Redis instead; `stylizer` then says only where tokens lie. */
  fleet?: FleetSettings | undefined;
  /** How much the queue takes and keeps. */
  jobs?: Partial<QueueLimits>;
  pairing?: Partial<PairingRules>;
  /** The key that the bridge's own page is opened with; good once. Without one, the page asks for the code too. */
  pageKey?: string;
  /** A token that is good as long as the bridge runs and is kept nowhere. With one, nobody pairs by code. */
  token?: string;
  /** Tries the devices; asked until it has answered once. */
  devices(): Promise<DeviceInfo[]>;
  /** Told what the person beside the bridge should hear of. */
  onEvent?: (event: BridgeEvent) => void;
}

export interface Bridge {
  readonly port: number;
  /** Addresses that it listens on. */
  readonly addresses: readonly string[];
  /** The one beyond loopback; codes are traded only where there is none. */
  readonly outside: string | undefined;
  /** Codes for front ends. */
  readonly pairing: Pick<PairingDesk, 'current' | 'show'>;
  /** The process that draws; undefined while there is none. */
  readonly enginePid: number | undefined;
  /** How many wait or are drawn. */
  jobs(): Promise<number>;
  /**
   * Takes no jobs any more, lets those that are there finish and be fetched for up to `drainMs` (default 0), cancels the
   * rest, and closes.
   */
  close(drainMs?: number): Promise<void>;
}

/**
 * Opens the bridge on 127.0.0.1 and ::1.
 * @throws NigaoeError `conflict` for a port that is taken, `forbidden` for a host beyond loopback without any token
 */
export async function openBridge(options: BridgeOptions): Promise<Bridge> {
  const outside = await findOutside(options.host);
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const store = openStore(options.stylizer?.store);
  const tokens = new TokenList(store.settings.home);
  if (options.token !== undefined) tokens.take(options.token, 'the program that started the bridge');
  if (outside !== undefined) await demandToken(tokens, outside);
  const atelier = await openAtelier(options, limits);
  const { queue, fleet } = atelier;
  const context = makeContext(options, { outside, store, tokens, queue, fleet, limits });
  const app = await buildApp(context);
  const ends = [
    watchRevoked(context),
    () => queue.close(),
    () => app.close(),
    () => tokens.close(),
    () => atelier.close(),
  ];
  const listening = await listen(options, { outside, context, handler: app.routing }).catch(
    async (error: unknown) => {
      for (const end of ends) await end();
      throw error;
    },
  );
  return {
    port: listening.port,
    addresses: listening.addresses,
    outside: outside?.address,
    pairing: context.pairing,
    get enginePid() {
      return atelier.pid;
    },
    async jobs() {
      const { queued, running } = await queue.gauges();
      return queued + running;
    },
    close: once(async (drainMs = 0) => {
      await queue.drain(drainMs);
      // Ends the event streams too, which would keep their connections.
      await queue.close();
      await listening.close(drainMs > 0 ? LONG_FAREWELL_MS : FAREWELL_MS);
      for (const end of ends) await end();
    }),
  };
}

function makeContext(
  options: BridgeOptions,
  { outside, ...parts }: Pick<BridgeContext, 'store' | 'tokens' | 'queue' | 'fleet' | 'limits'> & Place,
): BridgeContext {
  const say = (event: BridgeEvent) => options.onEvent?.(event);
  const rules = { ...PAIRING_RULES, ...options.pairing };
  // Whoever opens the bridge to other machines has decided who may use it, and a proxy may hide who asks for a token.
  const codes = outside === undefined && options.token === undefined;
  const devices = new Remembered<DeviceInfo[]>(1);
  return {
    ...parts,
    say,
    pairing: new PairingDesk({ rules, pageKey: options.pageKey, codes }, say),
    names: NO_NAMES,
    devices: () => devices.get('all', () => options.devices()),
  };
}

async function listen(
  { port = DEFAULT_PORT }: BridgeOptions,
  { outside, context, handler }: Place & { context: BridgeContext; handler: Handler },
): Promise<Listening> {
  const { limits } = context;
  const listening = await listenOn(handler, { port, addresses: addressesFor(outside), limits });
  context.names = namesFor(listening.port, outside);
  return listening;
}
type Handler = Parameters<typeof listenOn>[0];
interface Place {
  outside: Outside | undefined;
}

/** Without one, nobody could use a bridge that trades no codes. */
async function demandToken(tokens: TokenList, { address }: Outside): Promise<void> {
  if ((await tokens.all()).length > 0) return;
  throw new NigaoeError(
    'forbidden',
    `Expected a token to be there before the bridge listens on ${address} but there is none`,
    {
      hint: 'Programs on other computers cannot pair by code: make a token with `nigaoe tokens create NAME` first.',
    },
  );
}

/** For answers that are on their way: pictures to other computers take seconds where the network is slow. */
const FAREWELL_MS = 1_000;
const LONG_FAREWELL_MS = 10_000;

/** Closing twice waits for the same end. */
function once(close: (drainMs?: number) => Promise<void>): (drainMs?: number) => Promise<void> {
  let closing: Promise<void> | undefined;
  return (drainMs) => {
    closing ??= close(drainMs);
    return closing;
  };
}
