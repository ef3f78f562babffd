// The names that the bridge goes by: what a Host header may say, and the origins of its own page.

import { isIPv6 } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { LOOPBACK, type Outside } from './addresses.js';

const EVERYWHERE = ['0.0.0.0', '::'];

/** Exact sets, compared character by character: nothing that merely begins or ends like a name of ours passes. */
export interface Names {
  hosts: ReadonlySet<string>;
  origins: ReadonlySet<string>;
}

export const NO_NAMES: Names = { hosts: new Set(), origins: new Set() };

/** The names of a bridge on this port, which may listen besides loopback. */
export function namesFor(port: number, outside: Outside | undefined): Names {
  const places = ['localhost', ...LOOPBACK, ...(outside === undefined ? [] : placesOf(outside))];
  const names = places.map((place) => bracketed(place).toLowerCase());
  const hosts = names.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]));
  return { hosts: new Set(hosts), origins: new Set(hosts.map((name) => `http://${name}`)) };
}

/** A bridge that listens everywhere is called by each address of this machine, and by its name. */
function placesOf({ address, name }: Outside): string[] {
  if (!EVERYWHERE.includes(address)) return [address, ...(name === undefined ? [] : [name])];
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return [...addresses.map((found) => found.address), hostname(), `${hostname()}.local`];
}

const bracketed = (address: string): string => (isIPv6(address) ? `[${address}]` : address);
