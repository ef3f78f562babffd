// The plugin's commands: with a window, or, where everything is known, without.

import { connect } from './bridge/connect.js';
import { cancelRun, type Run } from './bridge/draw.js';
import { sentenceOf } from './bridge/failed.js';
import type { Host } from './host.js';
import { withParameters } from './quick/parameters.js';
import { quickRestore, quickStylize } from './quick/quick.js';
import { loadSettings, loadToken, saveSettings } from './settings.js';
import { openWindow } from './window/window.js';

/** `command` is one of the manifest's; `parameters` come from quick actions. */
export async function runCommand(
  host: Host,
  command: string,
  parameters?: Record<string, unknown>,
): Promise<void> {
  if (command === 'restore') return host.figma.closePlugin(await quickRestore(host));
  if (command === 'stylize') return stylizeNow(host, parameters);
  openWindow(host, command === 'connect' ? 'connect' : 'stylize');
}

/** Without a usable bridge the window opens, which says what is wrong and how to go on. */
async function stylizeNow(host: Host, parameters: Record<string, unknown> | undefined): Promise<void> {
  const { figma, fetch } = host;
  const line = { fetch, token: await loadToken(figma) };
  if ((await connect(line)).state !== 'connected') return openWindow(host, 'connect');
  const run: Run = { host, line, cancelled: false };
  figma.on('close', () => {
    void cancelRun(run);
  });
  try {
    const settings = withParameters(await loadSettings(figma), parameters);
    await saveSettings(figma, settings);
    figma.closePlugin(await quickStylize(run, settings));
  } catch (error) {
    figma.closePlugin(sentenceOf(error));
  }
}
