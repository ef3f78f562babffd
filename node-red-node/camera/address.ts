// Where a snapshot is fetched, and who may see the password: the configured address, or the one of a message if allowed.

import { expected, NigaoeError } from '../../shared/errors.js';
import type { Credentials } from './digest.js';
import { shownAddress } from './sentences.js';
import type { CameraKind, CameraSettings } from './settings.js';

export interface Address {
  /** Without user and password. */
  url: URL;
  credentials: Credentials | undefined;
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
  return withCredentials(own, entered(settings));
}

function fromMessage(settings: CameraSettings, url: URL, own: URL | undefined): Address {
  const named =
    url.host === own?.host || [url.host, url.hostname].some((host) => settings.hosts.includes(host));
  if (!named && !settings.hosts.includes('*'))
    throw new NigaoeError('forbidden', `Expected an allowed host in msg.url but received ${url.host}`, {
      hint: "Add it to the hosts in the node's form",
    });
  // '*' opens the way, not the pockets: the node's password goes to hosts that a person has named.
  return withCredentials(url, named ? entered(settings) : undefined);
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

/** What the form holds goes before what stands in the address itself. */
function withCredentials(url: URL, credentials: Credentials | undefined): Address {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return { url: bare, credentials: credentials ?? inAddress(url) };
}

function inAddress({ username, password }: URL): Credentials | undefined {
  if (username === '' && password === '') return undefined;
  return { user: decoded(username), password: decoded(password) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** With user and password in it, for programs that take them no other way. */
export function addressInFull({ url, credentials }: Address): URL {
  const full = new URL(url);
  full.username = encodeURIComponent(credentials?.user ?? '');
  full.password = encodeURIComponent(credentials?.password ?? '');
  return full;
}
