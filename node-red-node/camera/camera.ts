// A camera as its node knows it: take a snapshot, whatever the source, with patience, limits and a look at what is new.

import { createHash } from 'node:crypto';
import { NigaoeError } from '../../shared/errors.js';
import { type Address, addressFor, addressInFull } from './address.js';
import { fetchFrame } from './ffmpeg.js';
import { entityAddress, explainEntity } from './home-assistant.js';
import { fetchPicture } from './http-picture.js';
import { byPassword, byToken, type Identity, nobody } from './identity.js';
import { type Patience, withPatience } from './patience.js';
import { type Posted, postedPicture } from './posted.js';
import type { CameraSettings } from './settings.js';
import { checkPicture, type Received } from './whole.js';

/** A picture as it came. */
export interface Snapshot {
  bytes: Buffer;
  mediaType: string;
  /** When its last byte had come. */
  at: Date;
  /** SHA-256 in hex. */
  hash: string;
  /** Which camera: the address asked, '' for posted ones. */
  key: string;
}

/** What a message may say to a camera. */
export interface Order extends Posted {
  url?: unknown;
}

export interface Camera {
  /** Throws NigaoeError. Orders for the same address that come meanwhile share the one fetch that runs. */
  take(order: Order, onRetry?: Patience['onRetry']): Promise<Snapshot>;
  /** Whether a fetch runs. */
  readonly isBusy: boolean;
  /** Ends all fetches: their orders get `cancelled`. */
  close(): void;
}

export function openCamera(settings: CameraSettings): Camera {
  const closing = new AbortController();
  const running = new Map<string, Promise<Snapshot>>();
  const fetchFrom = openSource(settings);
  const { timeoutMs, retries } = settings;
  const start = (address: Address, key: string, onRetry: Patience['onRetry']): Promise<Snapshot> => {
    if (running.size >= MOST_AT_ONCE) throw tooMany();
    const attempt = async (signal: AbortSignal): Promise<Snapshot> =>
      snapshotOf(await fetchFrom(address, signal), key);
    const shot = withPatience(attempt, { timeoutMs, retries, signal: closing.signal, onRetry });
    running.set(key, shot);
    return shot.finally(() => running.delete(key));
  };
  return {
    async take(order, onRetry) {
      if (settings.kind === 'multipart') return takePosted(order, settings, closing.signal);
      const address = addressFor(settings, order.url);
      const key = address.url.href;
      return running.get(key) ?? start(address, key, onRetry);
    },
    get isBusy() {
      return running.size > 0;
    },
    close: () => closing.abort(),
  };
}
/** Addresses that messages name are fetched side by side, but not without end. */
const MOST_AT_ONCE = 8;

function tooMany(): NigaoeError {
  return new NigaoeError(
    'busy',
    `Expected at most ${MOST_AT_ONCE} cameras at a time but one more was asked for`,
    {
      hint: 'Send the messages more slowly',
    },
  );
}

/** A posted body is there or not: waiting for another is no use. */
function takePosted(
  order: Order,
  { timeoutMs, mostBytes }: CameraSettings,
  signal: AbortSignal,
): Promise<Snapshot> {
  const attempt = async (limit: AbortSignal): Promise<Snapshot> =>
    snapshotOf(await postedPicture(order, mostBytes, limit), '');
  return withPatience(attempt, { timeoutMs, retries: 0, signal });
}

type FetchFrom = (address: Address, signal: AbortSignal) => Promise<Received>;

/** What fetches from an address; it remembers how each server wants to be asked. */
function openSource(settings: CameraSettings): FetchFrom {
  const { kind, mostBytes, selfSigned, ffmpeg } = settings;
  const identityFor = openIdentities();
  if (kind === 'rtsp')
    return (address, signal) => fetchFrame({ url: addressInFull(address), ffmpeg, mostBytes, signal });
  const fetch = (address: Address, url: URL, signal: AbortSignal): Promise<Received> =>
    fetchPicture({
      url,
      identity: identityFor(address),
      selfSigned,
      mostBytes,
      streams: kind === 'mjpeg',
      signal,
    });
  if (kind !== 'homeassistant') return (address, signal) => fetch(address, address.url, signal);
  return (address, signal) =>
    fetch(address, entityAddress(address.url, settings.entity), signal).catch((error: unknown) => {
      throw explainEntity(error, settings.entity);
    });
}

/** One identity for each server and user, so that a nonce is used for more than one picture. */
function openIdentities(): (address: Address) => Identity {
  const known = new Map<string, Identity>();
  return ({ url, credentials, token = '' }) => {
    if (token !== '') return byToken(token);
    if (credentials === undefined) return nobody();
    const key = JSON.stringify([url.origin, credentials]);
    const identity = known.get(key) ?? byPassword(credentials);
    if (known.size >= MOST_IDENTITIES) known.clear();
    known.set(key, identity);
    return identity;
  };
}
const MOST_IDENTITIES = 64;

function snapshotOf(received: Received, key: string): Snapshot {
  const mediaType = checkPicture(received);
  const hash = createHash('sha256').update(received.bytes).digest('hex');
  return { bytes: received.bytes, mediaType, at: new Date(), hash, key };
}
