// Where a snapshot is fetched, and who may see the secrets: the configured address, or the one of a message if allowed.

import { expected, NigaoeError } from '../../shared/errors.js';
import type { Credentials } from './digest.js';
import { splitLogin } from './login.js';
import { isEncrypted, isNamed, isSamePlace } from './place.js';
import { shownAddress } from './sentences.js';
import type { CameraKind, CameraSettings } from './settings.js';

/** Whoever fetches from the address shows it the secrets that lie here, and no others. */
export interface Address {
  /** Without user and password. */
  url: URL;
  credentials?: Credentials | undefined;
  /** Of Home Assistant. */
  token?: string | undefined;
}

const SCHEMES: Record<Exclude<CameraKind, 'multipart'>, readonly string[]> = {
  http: ['http:', 'https:'],
  mjpeg: ['http:', 'https:'],
  homeassistant: ['http:', 'https:'],
  // ffmpeg reads MJPEG and other streams over HTTP as well.
  rtsp: ['rtsp:', 'rtsps:', 'http:', 'https:'],
};

/**
 * The address to ask. A message's address counts only where the node allows it, and only for hosts that its form names:
 * whoever can write messages could otherwise reach everything that Node-RED can reach.
 */
export function addressFor(settings: CameraSettings, messageUrl: unknown): Address {
  const own = settings.url === '' ? undefined : parse(settings, settings.url, 'the address');
  if (settings.allowUrl && typeof messageUrl === 'string' && messageUrl !== '')
    return fromMessage(settings, parse(settings, messageUrl, 'msg.url'), own);
  if (own === undefined)
    throw expected(
      'an address',
      'the camera',
      settings.url,
      'Enter it in the node, or allow msg.url and send it',
    );
  const { url } = splitLogin(own);
  return settings.kind === 'homeassistant'
    ? { url, token: settings.secrets.token }
    : { url, credentials: entered(settings) };
}

/** Of all secrets it gets at most user and password. */
function fromMessage(settings: CameraSettings, given: URL, own: URL | undefined): Address {
  const { url, login } = splitLogin(given);
  const named =
    (own !== undefined && isSamePlace(url, own)) || settings.hosts.some((entry) => isNamed(url, entry));
  if (!named && !settings.hosts.includes('*'))
    throw new NigaoeError('forbidden', `Expected an allowed host in msg.url but received ${url.host}`, {
      hint: "Add it to the hosts in the node's form, with its port",
    });
  // '*' opens the way, not the pockets, and what goes out encrypted must not go out in the clear.
  const isTold = named && (isEncrypted(url) || own === undefined || !isEncrypted(own));
  return { url, credentials: (isTold ? entered(settings) : undefined) ?? login };
}

function parse({ kind }: CameraSettings, text: string, name: string): URL {
  const schemes = kind === 'multipart' ? [] : SCHEMES[kind];
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !schemes.includes(url.protocol) || url.host === '')
    throw expected(
      `an address that begins with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}`,
      name,
      shown(url, text),
    );
  return url;
}

/** A text that is no address may still hold a password. */
function shown(url: URL | undefined, text: string): string {
  return url === undefined ? text.replace(/^.*@/, '').replace(/\?.*$/s, '') : shownAddress(url);
}

function entered({ secrets: { user = '', password = '' } }: CameraSettings): Credentials | undefined {
  return user === '' && password === '' ? undefined : { user, password };
}

/** With user and password in it, for programs that take them no other way. */
export function addressInFull({ url, credentials }: Address): URL {
  const full = new URL(url);
  full.username = encodeURIComponent(credentials?.user ?? '');
  full.password = encodeURIComponent(credentials?.password ?? '');
  return full;
}
