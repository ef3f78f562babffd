// Finds out whether the bridge can be used, and says what to do when it cannot.

import { API_VERSION, DEFAULT_PORT, type Health } from '../../../shared/bridge/protocol.js';
import type { Connection } from '../../messages.js';
import { askHealth, type Line, listStyles } from './calls.js';
import { BridgeFailure, sentenceOf } from './failed.js';

/** Asks for the bridge's health, then, with the token, for something that needs it. */
export async function connect(line: Line): Promise<Connection> {
  try {
    const health = await askHealth({ ...line, token: undefined });
    if (health.name !== 'nigaoe') return stranger();
    if (health.apiVersion !== API_VERSION) return otherVersion(health);
    return await introduce(line, health);
  } catch (error) {
    return error instanceof BridgeFailure && error.code === 'unreachable' ? unreachable() : refused(error);
  }
}

async function introduce(line: Line, health: Health): Promise<Connection> {
  if (line.token === undefined)
    return { state: 'unpaired', health, sentence: 'Type the six digits that the bridge shows.' };
  try {
    await listStyles(line);
    return { state: 'connected', health };
  } catch (error) {
    if (!(error instanceof BridgeFailure) || error.code !== 'unauthorised') throw error;
    return {
      state: 'unpaired',
      health,
      sentence: 'The bridge no longer knows this plugin: type its six digits again.',
    };
  }
}

/** A dead bridge, a wrong port and a browser's permission look alike from here: all three are named. */
function unreachable(): Connection {
  return {
    state: 'unreachable',
    sentence: 'The bridge does not answer.',
    steps: [
      'It may not be running: start it with “npx @nigaoe/nigaoe serve” in a terminal and leave that open.',
      `It may listen on another port: Figma allows this plugin port ${DEFAULT_PORT} only, so start it without --port.`,
      'The browser may block it: in its settings for figma.com, allow “Apps on device” or “Local network”, or use the desktop app.',
    ],
  };
}

function stranger(): Connection {
  return {
    state: 'unreachable',
    sentence: `Another program answers on port ${DEFAULT_PORT}.`,
    steps: ['Stop that program, then start the bridge with “npx @nigaoe/nigaoe serve”.'],
  };
}

function otherVersion({ version, apiVersion }: Health): Connection {
  const older = apiVersion < API_VERSION;
  return {
    state: 'unreachable',
    sentence: `The bridge (${version}) speaks version ${apiVersion} of its language and this plugin version ${API_VERSION}.`,
    steps: [
      older
        ? 'Update the bridge: “npm install -g @nigaoe/nigaoe@latest”, then start it again.'
        : 'Update the plugin: import the manifest that came with the bridge again.',
    ],
  };
}

function refused(error: unknown): Connection {
  return { state: 'unreachable', sentence: sentenceOf(error), steps: ['Restart the bridge and try again.'] };
}
