// Where the bridge listens: an address has many spellings, and none of them may count as another place.

import { lookup } from 'node:dns/promises';
import { isIP, SocketAddress } from 'node:net';
import { expected } from '../../errors.js';

/** The addresses of this machine that no other machine reaches. */
export const LOOPBACK: readonly string[] = ['127.0.0.1', '::1'];

/** A place besides loopback. */
export interface Outside {
  address: string;
  /** What the user called it, where that is a name. */
  name?: string;
}

/**
 * The place that a user named, or undefined where that is loopback, on which the bridge listens anyway.
 * @throws NigaoeError `options` for what is neither an address nor a name that has one
 */
export async function findOutside(host: string | undefined): Promise<Outside | undefined> {
  if (host === undefined) return undefined;
  const given = host.replace(/^\[(.+)\]$/, '$1');
  const address = plain(await resolve(given));
  if (LOOPBACK.includes(address)) return undefined;
  return isIP(given) === 0 ? { address, name: given } : { address };
}

/** The addresses to listen on: `localhost` may mean either of the first two, and no other program may sit on one of them. */
export function addressesFor(outside: Outside | undefined): string[] {
  if (outside === undefined) return [...LOOPBACK];
  const { address } = outside;
  // Whoever listens on all addresses of a family listens on its loopback too; `::` takes both families.
  if (address === '::') return ['::'];
  if (address === '0.0.0.0') return ['0.0.0.0', '::1'];
  return [...LOOPBACK, address];
}

async function resolve(host: string): Promise<string> {
  // The system takes no name at all for all of its addresses.
  if (host.trim() === '') throw noAddress(host);
  const found = await lookup(host).catch(() => undefined);
  if (found === undefined) throw noAddress(host);
  return found.address;
}

const noAddress = (host: string) => expected('an address of this computer', '--host', host);

/** The shortest spelling: `0:0:0:0:0:0:0:1` is `::1`, and `::ffff:127.0.0.1` is 127.0.0.1. */
function plain(address: string): string {
  // A zone, as in `fe80::1%eth0`, belongs to the address.
  if (isIP(address) !== 6 || address.includes('%')) return address;
  return new SocketAddress({ address, family: 'ipv6' }).address.replace(/^::ffff:(?=\d+\.)/, '');
}
