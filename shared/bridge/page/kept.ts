// The settings of the page, kept in this browser until its data are cleared.

import type { PartialBridgeOptions } from '../../options.js';

const KEPT_AS = 'nigaoe-options';

/** What was set last; nothing where the browser keeps nothing, or somebody else wrote there. */
export function loadOptions(): PartialBridgeOptions {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEPT_AS) ?? '{}');
    return typeof kept === 'object' && kept !== null ? kept : {};
  } catch {
    return {};
  }
}

export function keepOptions(options: PartialBridgeOptions): void {
  try {
    localStorage.setItem(KEPT_AS, JSON.stringify(options));
  } catch {
    // A browser that keeps nothing still draws.
  }
}
