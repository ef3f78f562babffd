// Which bridge a configuration means, checked: an own one or one elsewhere.

import { expected } from '../../shared/errors.js';
import type { Opening } from './kept.js';
import { type CorePlaces, OWN_PAUSES, openOwn } from './own.js';
import type { PauseRules } from './pauses.js';
import { openRemote, REMOTE_PAUSES } from './remote.js';

export type EngineMode = 'own' | 'remote';

/** The properties as the form saves them: empty where nothing was entered. */
export interface EngineProperties {
  mode?: string;
  url?: string;
  home?: string;
  /** Seconds. */
  idle?: string | number;
  /** A credential. */
  token?: string;
}

export interface EngineChoice {
  mode: EngineMode;
  open: Opening;
  pauses: PauseRules;
}

/** The longest time that the core takes for `--idle`: a day. */
const MOST_IDLE_S = 86_400;

/** What to open; what is wrong with the properties is thrown by `open` as `options`, so that it is told as all failures are. */
export function chooseEngine(properties: EngineProperties, places: CorePlaces): EngineChoice {
  const mode = properties.mode === 'remote' ? 'remote' : 'own';
  return mode === 'own'
    ? { mode, open: async (signal) => openOwn(places, ownOf(properties), signal), pauses: OWN_PAUSES }
    : { mode, open: async (signal) => openRemote(remoteOf(properties), signal), pauses: REMOTE_PAUSES };
}

function ownOf({ home, idle }: EngineProperties) {
  return { home: given(home), idleS: seconds(given(String(idle ?? ''))) };
}

function remoteOf({ url, token }: EngineProperties) {
  return { url: given(url) ?? '', token: given(token) };
}

function seconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text) && Number(text) <= MOST_IDLE_S) return Number(text);
  throw expected(`a whole number of seconds from 0 to ${MOST_IDLE_S}`, 'the idle time', text);
}

/** Forms save what is empty as an empty text. */
function given(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  return trimmed === '' ? undefined : trimmed;
}
