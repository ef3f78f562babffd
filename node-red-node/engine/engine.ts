// What the config node `nigaoe-engine` offers to the other nodes: a bridge that answers, and word of how it is.

import type { Node } from 'node-red';
import type { BridgeClient } from '../../shared/bridge/client.js';

export type EngineState = 'stopped' | 'starting' | 'ready' | 'failed';

/** How the engine is, and for `failed` why, in a sentence for the user. */
export interface EngineNews {
  state: EngineState;
  reason?: string;
}

/** A bridge, wherever it runs. */
export interface Engine {
  /** Starts the bridge if it has to be, and waits until it answers. Throws NigaoeError `unreachable` or `unauthorised`, or `cancelled` after the signal. */
  client(signal?: AbortSignal): Promise<BridgeClient>;
  readonly news: EngineNews;
  /** Told of each change; returns what ends that. */
  onNews(listener: (news: EngineNews) => void): () => void;
}

/** The config node as `RED.nodes.getNode` gives it. */
export interface EngineNode extends Node {
  engine: Engine;
}
