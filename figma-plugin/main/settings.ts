// What the plugin keeps between runs, on this device: the last settings and the token of the bridge.

import type { PluginAPI } from '@figma/plugin-typings/plugin-api-standalone.js';
import type { Settings } from '../messages.js';

const SETTINGS = 'settings';
const TOKEN = 'token';

/** Until the user has chosen something else. */
export const FIRST_SETTINGS: Settings = {
  options: {},
  handling: { source: 'original', target: 'replace' },
};

export async function loadSettings(figma: PluginAPI): Promise<Settings> {
  const kept = (await figma.clientStorage.getAsync(SETTINGS)) as Partial<Settings> | undefined;
  return {
    options: { ...FIRST_SETTINGS.options, ...kept?.options },
    handling: { ...FIRST_SETTINGS.handling, ...kept?.handling },
  };
}

export function saveSettings(figma: PluginAPI, settings: Settings): Promise<void> {
  return figma.clientStorage.setAsync(SETTINGS, settings);
}

export async function loadToken(figma: PluginAPI): Promise<string | undefined> {
  const token: unknown = await figma.clientStorage.getAsync(TOKEN);
  return typeof token === 'string' ? token : undefined;
}

export function saveToken(figma: PluginAPI, token: string | undefined): Promise<void> {
  const { clientStorage } = figma;
  return token === undefined ? clientStorage.deleteAsync(TOKEN) : clientStorage.setAsync(TOKEN, token);
}
