// The plugin's commands: with a window, or, where everything is known, without.

import { connect } from './bridge/connect.js';
import { sentenceOf } from './bridge/failed.js';
import type { Host } from './host.js';
import { cut } from './quick/cut.js';
import { withParameters } from './quick/parameters.js';
import { quickRestore, quickStylize } from './quick/quick.js';
import { abandonRun, beginRun } from './running.js';
import { loadSettings, loadToken, saveSettings } from './settings.js';
import { openWindow } from './window/window.js';

/** `command` is one of the manifest's; `parameters` come from quick actions. */
export async function runCommand(
  host: Host,
  command: string,
  parameters?: Record<string, unknown>,
): Promise<void> {
  if (command === 'restore') return host.figma.closePlugin(cut(await quickRestore(host)));
  if (command === 'stylize') return stylizeNow(host, parameters);
  openWindow(host, command === 'connect' ? 'connect' : 'stylize');
}

/** Without a usable bridge the window opens, which says what is wrong and how to go on. */
async function stylizeNow(host: Host, parameters: Record<string, unknown> | undefined): Promise<void> {
  const { figma, fetch } = host;
  const line = { fetch, token: await loadToken(figma) };
  if ((await connect(line)).state !== 'connected') return openWindow(host, 'connect');
  const run = beginRun(host, line);
  figma.on('close', () => abandonRun(run));
  try {
    const settings = withParameters(await loadSettings(figma), parameters);
    const { words, drawn } = await quickStylize(run, settings);
    if (drawn > 0) await saveSettings(figma, settings);
    figma.closePlugin(cut(words));
  } catch (error) {
    figma.closePlugin(cut(sentenceOf(error)));
  }
}
