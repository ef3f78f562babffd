// The flags of `nigaoe serve`, checked.

import type { FleetSettings } from '../../bridge/fleet/open.js';
import { DEFAULT_PORT } from '../../bridge/protocol.js';
import { expected } from '../../errors.js';
import type { FlagValues } from '../flags.js';
import { readFleetFlags } from '../fleet-flags.js';

export interface ServeFlags {
  port: number;
  host?: string;
  home?: string;
  idleMs?: number;
  /** Started by a program that sends a token and ends it. */
  child: boolean;
  /** Where workers wait for jobs. */
  fleet?: FleetSettings;
}

const MOST_IDLE_S = 86_400;

/** Throws `options` for what is no port or no number of seconds. */
export function readFlags(flags: FlagValues): ServeFlags {
  const { port, host, home, idle, child } = flags;
  const fleet = readFleetFlags(flags);
  return {
    port: wholeNumber('--port', port, 65_535) ?? DEFAULT_PORT,
    child: child === true,
    ...(fleet === undefined ? {} : { fleet }),
    ...(host === undefined ? {} : { host: String(host) }),
    ...(home === undefined ? {} : { home: String(home) }),
    ...(idle === undefined ? {} : { idleMs: (wholeNumber('--idle', idle, MOST_IDLE_S) ?? 0) * 1000 }),
  };
}

function wholeNumber(flag: string, value: unknown, most: number): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (/^\d+$/.test(String(value)) && number <= most) return number;
  throw expected(`a whole number from 0 to ${most}`, flag, value);
}
