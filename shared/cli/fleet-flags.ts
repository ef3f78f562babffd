// The flags that say which Redis a bridge and its workers meet in.

import type { Command } from 'commander';
import type { FleetSettings } from '../bridge/fleet/open.js';
import { expected } from '../errors.js';
import type { FlagValues } from './flags.js';

/** Adds them; where the queue is must be told, by the flag or by NIGAOE_QUEUE. */
export function addFleetFlags(command: Command): Command {
  return command
    .option(
      '--queue <url>',
      'Redis that jobs wait in, redis://HOST:PORT/0 or rediss:// (default: NIGAOE_QUEUE)',
    )
    .option('--space <name>', 'what its keys begin with; one for each bridge (default: nigaoe)')
    .option(
      '--blobs <folder>',
      'folder that bridge and workers share, for pictures on their way (default: through Redis)',
    );
}

/** Undefined where no queue is named. A password may come from NIGAOE_REDIS_PASSWORD instead of the URL. */
export function readFleetFlags({ queue, space, blobs }: FlagValues): FleetSettings | undefined {
  const { NIGAOE_QUEUE, NIGAOE_REDIS_PASSWORD } = process.env;
  const url = queue ?? NIGAOE_QUEUE;
  if (url === undefined || url === '') return undefined;
  return {
    url: String(url),
    password: NIGAOE_REDIS_PASSWORD,
    space: space === undefined ? undefined : String(space),
    blobs: blobs === undefined ? undefined : String(blobs),
  };
}

/** The same where there must be one. */
export function demandFleet(flags: FlagValues): FleetSettings {
  const settings = readFleetFlags(flags);
  if (settings !== undefined) return settings;
  throw expected(
    'the address of a Redis',
    '--queue',
    undefined,
    'Write --queue redis://HOST:PORT/0, or set NIGAOE_QUEUE.',
  );
}
