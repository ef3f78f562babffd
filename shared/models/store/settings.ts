// Where models are kept and where they may come from: the one place that reads the environment for the store.

import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expected } from '../../errors.js';

/** A place that is asked by file name before a model's own addresses. */
export type Mirror = { kind: 'folder'; folder: string } | { kind: 'web'; base: string };

export interface StoreSettings {
  /** Absolute folder of the store. */
  home: string;
  mirror: Mirror | undefined;
  /** True: the network is never used; a folder mirror still is. */
  offline: boolean;
  /** A download without a byte for so long is given up and resumed. */
  stallMs: number;
  /** Tries per address that bring nothing new, before the next address. */
  attempts: number;
  /** Pause before the second try; doubles from try to try. */
  backoffMs: number;
}

/** Settings as a caller gives them; what is left out comes from the environment, then from the defaults. */
export interface StoreOptions {
  /** Default: NIGAOE_HOME, else the platform's cache folder. */
  home?: string | undefined;
  /** A folder, a file: URL or an http(s) base URL. Default: NIGAOE_MIRROR, else none. */
  mirror?: string | undefined;
  /** Default: NIGAOE_OFFLINE=1, else false. */
  offline?: boolean | undefined;
  /** Default 30 000. */
  stallMs?: number | undefined;
  /** Default 4. */
  attempts?: number | undefined;
  /** Default 500. */
  backoffMs?: number | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Settings from the caller, the environment (NIGAOE_HOME, NIGAOE_MIRROR, NIGAOE_OFFLINE) and the defaults, in this order.
 * Throws `options` where one of them cannot be read.
 */
export function readStoreSettings(
  given: StoreOptions = {},
  env: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
): StoreSettings {
  const mirror = given.mirror ?? textOf(env.NIGAOE_MIRROR);
  return {
    home: path.resolve(given.home ?? textOf(env.NIGAOE_HOME) ?? cacheFolder(env, platform)),
    mirror: mirror === undefined ? undefined : parseMirror(mirror),
    offline: given.offline ?? parseSwitch('NIGAOE_OFFLINE', env.NIGAOE_OFFLINE),
    stallMs: given.stallMs ?? 30_000,
    attempts: given.attempts ?? 4,
    backoffMs: given.backoffMs ?? 500,
  };
}

/** The platform's folder for what can be fetched again. */
export function cacheFolder(env: Environment, platform: NodeJS.Platform): string {
  if (platform === 'darwin') return path.join(homedir(), 'Library', 'Caches', 'nigaoe');
  if (platform === 'win32')
    return path.join(textOf(env.LOCALAPPDATA) ?? path.join(homedir(), 'AppData', 'Local'), 'nigaoe');
  const xdg = textOf(env.XDG_CACHE_HOME);
  // The XDG base directory specification has relative paths ignored.
  return path.join(
    xdg !== undefined && path.isAbsolute(xdg) ? xdg : path.join(homedir(), '.cache'),
    'nigaoe',
  );
}

/** An empty variable counts as unset, as `NIGAOE_HOME= nigaoe ...` means it. */
function textOf(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}

function parseSwitch(name: string, value: string | undefined): boolean {
  const text = textOf(value)?.toLowerCase() ?? '0';
  if (['1', 'true', 'yes', 'on'].includes(text)) return true;
  if (['0', 'false', 'no', 'off'].includes(text)) return false;
  throw expected('1 or 0', name, value);
}

function parseMirror(text: string): Mirror {
  if (/^file:/i.test(text)) return { kind: 'folder', folder: fileURLToPath(text) };
  // Two letters at least, because C: is a drive.
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return { kind: 'folder', folder: path.resolve(text) };
  if ((scheme === 'http' || scheme === 'https') && URL.canParse(text)) return { kind: 'web', base: text };
  throw expected('a folder or an http(s) URL', 'NIGAOE_MIRROR', text);
}
