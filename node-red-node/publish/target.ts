// Where pictures are published: the one interface of broker, webhook and folder.

import type { NigaoeError } from '../../shared/errors.js';
import type { Caption } from './caption.js';
import type { Picture } from './picture.js';

/** What the message carries on as `msg.published`: the place under the name that fits the target. */
export interface Published {
  target: 'mqtt' | 'webhook' | 'file';
  topic?: string;
  /** Without the webhook's id, which is a secret. */
  url?: string;
  path?: string;
  /** ISO 8601. */
  at: string;
  bytes: number;
}

/** How the way to the target is. */
export type TargetNews =
  | { state: 'connecting' | 'ready' }
  /** Not there at the moment; the newest picture waits, and so many gave way to a newer one. */
  | { state: 'away'; waiting: boolean; skipped: number }
  /** There, but it lets us not in: waiting is no use. */
  | { state: 'refused'; failure: NigaoeError }
  /** The node cannot even try, until the flow is changed. */
  | { state: 'unable'; failure: NigaoeError };

export interface Target {
  /** Resolves with undefined when a newer picture took this one's place. Throws NigaoeError. */
  publish(picture: Picture, caption: Caption): Promise<Published | undefined>;
  /** Ends all work; `removed`: the node leaves the flow, and what it left elsewhere goes too. */
  close(removed: boolean): Promise<void>;
}
