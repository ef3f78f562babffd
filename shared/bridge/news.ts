// What the person beside the bridge should hear of.

/** One JSON line of `nigaoe serve --json` each. */
export type BridgeEvent =
  | { event: 'code'; code: string; expiresAt: string; reason: 'used' | 'guessed' | 'asked' }
  | { event: 'paired'; id: string; name: string }
  | { event: 'guessing'; until: string }
  | { event: 'failure'; message: string };
