// What `nigaoe serve` says: where it listens, the code, and what happens at the door.

import type { BridgeEvent } from '../../bridge/news.js';
import { DEFAULT_PORT, type PairingInfo } from '../../bridge/protocol.js';
import { PROGRAM } from '../../version.js';
import { table } from '../terminal/wording.js';

interface Opened {
  port: number;
  host: string | undefined;
  page: string;
  pairing: PairingInfo;
}

/** The lines at the start. */
export function welcome({ port, host, page, pairing }: Opened): string {
  const rows = [
    ['Address', `http://localhost:${port}`],
    [
      'Pairing code',
      `${spaced(pairing.code)}   (once, until ${clock(pairing.expiresAt)}; Enter shows a new one)`,
    ],
    ['Page', `${page}   (opens once with this key)`],
  ];
  const moved = port === DEFAULT_PORT ? [] : [`Front ends expect port ${DEFAULT_PORT}: tell them ${port}.`];
  const open = host === undefined ? [] : [openHost(host, port)];
  return [`${PROGRAM} serves; Ctrl-C stops it.`, table(rows), ...moved, ...open].join('\n');
}

/** What listening beyond loopback means. */
function openHost(host: string, port: number): string {
  return (
    `Other computers reach it at ${host}:${port}, with a token of \`nigaoe tokens create\`; they cannot pair by code.\n` +
    'Photos and tokens travel unencrypted: use it in a network that you trust, or put a proxy with HTTPS before it.'
  );
}

/** One line for what happened. */
export function tell(event: BridgeEvent): string {
  if (event.event === 'paired') return `Paired: ${event.name} (nigaoe tokens revoke ${event.id} ends it)`;
  if (event.event === 'guessing')
    return `Somebody is guessing codes: pairing by code rests until ${clock(event.until)}`;
  if (event.event === 'failure') return `A request failed: ${event.message}`;
  return `${REASONS[event.reason]}: ${spaced(event.code)}   (until ${clock(event.expiresAt)})`;
}

const REASONS = {
  used: 'Pairing code for the next front end',
  expired: 'The pairing code had expired; the new one',
  guessed: 'Too many wrong codes; the new one',
  asked: 'Pairing code',
} as const;

/** In two groups, as people read digits. */
const spaced = (code: string): string => `${code.slice(0, 3)} ${code.slice(3)}`;

const clock = (iso: string): string => new Date(iso).toTimeString().slice(0, 5);
