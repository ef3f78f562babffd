// `Test connection` of the form: whether an engine with these settings would answer, and if not, why.

import { unlessCancelled } from '../../shared/bridge/client/wait.js';
import type { BridgeClient } from '../../shared/bridge/client.js';
import type { DeviceInfo } from '../../shared/bridge/protocol.js';
import type { NigaoeError } from '../../shared/errors.js';
import type { EngineChoice, EngineMode } from './choice.js';
import { failureFrom } from './failure.js';

/** What the form shows. */
export type TrialAnswer =
  | { ok: true; version: string; styles: number; devices: DeviceInfo[] }
  | {
      ok: false;
      /** Which of its own sentences the form says. */
      why: TrialFailure;
      /** The whole sentence, in English. */
      reason: string;
      hint?: string;
    };
type TrialFailure = 'unreachable' | 'unauthorised' | 'stranger' | 'no-core' | 'start' | 'other';

/** Opens a bridge for a moment and asks it what it has. After the signal it ends soon, and leaves nothing behind. */
export async function tryEngine({ mode, open }: EngineChoice, signal: AbortSignal): Promise<TrialAnswer> {
  try {
    // Each step has a limit of its own.
    const bridge = await open(signal);
    try {
      return await unlessCancelled(askAround(bridge.client), signal);
    } finally {
      await bridge.close();
    }
  } catch (error) {
    return refused(failureFrom(error), mode);
  }
}

async function askAround(client: BridgeClient): Promise<TrialAnswer> {
  const { version } = await client.health();
  const [styles, devices] = await Promise.all([client.styles(), client.devices()]);
  const ready = styles.filter(({ state }) => state === 'ready').length;
  return { ok: true, version, styles: ready, devices };
}

function refused(failure: NigaoeError, mode: EngineMode): TrialAnswer {
  const { message, hint } = failure;
  return { ok: false, why: whyOf(failure, mode), reason: message, ...(hint === undefined ? {} : { hint }) };
}

function whyOf({ code, cause }: NigaoeError, mode: EngineMode): TrialFailure {
  if (mode === 'own') return code === 'not-found' ? 'no-core' : 'start';
  if (code === 'unauthorised') return 'unauthorised';
  if (code !== 'unreachable') return 'other';
  // A stranger at the address has no cause: it answered.
  return cause === undefined ? 'stranger' : 'unreachable';
}
