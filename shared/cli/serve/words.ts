// What `nigaoe serve` says: where it listens, the code, and what happens at the door.

import { networkInterfaces } from 'node:os';
import type { BridgeEvent } from '../../bridge/news.js';
import { DEFAULT_PORT, type PairingInfo } from '../../bridge/protocol.js';
import { PROGRAM } from '../../version.js';
import { table } from '../terminal/wording.js';

interface Opened {
  port: number;
  /** The address beyond loopback. */
  outside: string | undefined;
  page: string;
  /** The code, where codes are traded. */
  pairing: PairingInfo | undefined;
}

/** What this command itself tells, beside the bridge. */
type ServeEvent = BridgeEvent | { event: 'page'; page: string };

/** The lines at the start. */
export function welcome({ port, outside, page, pairing }: Opened): string {
  const rows = [
    ['Address', `http://localhost:${port}`],
    ...(pairing === undefined ? [] : [['Pairing code', codeCell(pairing)]]),
    ['Page', `${page}   (opens once, within three minutes)`],
  ];
  const moved = port === DEFAULT_PORT ? [] : [`Front ends expect port ${DEFAULT_PORT}: tell them ${port}.`];
  const open = outside === undefined ? [] : [openTo(outside, port)];
  return [`${PROGRAM} serves; Ctrl-C stops it.`, table(rows), ...moved, ...open].join('\n');
}

const codeCell = ({ code, expiresAt }: PairingInfo): string =>
  `${spaced(code)}   (once, until ${clock(expiresAt)}; Enter makes a new one)`;

/** What listening beyond loopback means. */
function openTo(outside: string, port: number): string {
  const places = outside === '0.0.0.0' || outside === '::' ? namedAddresses() : [outside];
  const where = places
    .map((address) => `${address.includes(':') ? `[${address}]` : address}:${port}`)
    .join(' or ');
  return (
    `Other computers reach it at ${where}. Nobody pairs by code: each program needs a token of \`nigaoe tokens create\`.\n` +
    'Photos and tokens travel unencrypted: use it in a network that you trust, or put a proxy with HTTPS before it.'
  );
}

/** The addresses that others can type when it listens on all of them. */
function namedAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const outer = all.filter(({ internal, family }) => !internal && family === 'IPv4');
  return outer.length === 0 ? ['this computer'] : outer.map(({ address }) => address);
}

/** What Ctrl-C waits for. */
export function waiting(jobs: number, mostMs: number): string {
  const what = jobs === 1 ? '1 job is' : `${jobs} jobs are`;
  return `${what} still to be drawn: waiting for up to ${mostMs / 1000} s`;
}

/** One line for what happened. */
export function tell(event: ServeEvent): string {
  if (event.event === 'page') return `Page: ${event.page}   (opens once, within three minutes)`;
  if (event.event === 'paired') return `Paired: ${event.name} (nigaoe tokens revoke ${event.id} ends it)`;
  if (event.event === 'guessing')
    return `Somebody is guessing codes: pairing by code rests until ${clock(event.until)}, or until you press Enter`;
  if (event.event === 'failure') return `A request failed: ${event.message}`;
  return `${REASONS[event.reason]}: ${spaced(event.code)}   (until ${clock(event.expiresAt)})`;
}

const REASONS = {
  used: 'Pairing code for the next front end',
  guessed: 'Too many wrong codes; the new one',
  asked: 'Pairing code',
} as const;

/** In two groups, as people read digits. */
const spaced = (code: string): string => `${code.slice(0, 3)} ${code.slice(3)}`;

const clock = (iso: string): string => new Date(iso).toTimeString().slice(0, 5);
