// What the config node `nigaoe-engine` offers to the other nodes: a bridge that answers, and word of how it is.

import type { Node, NodeAPI } from 'node-red';
import type { BridgeClient } from '../../shared/bridge/client.js';
import type { OptionInfo, StyleInfo } from '../../shared/bridge/protocol.js';
import { type FailureCode, NigaoeError } from '../../shared/errors.js';

export type EngineState = 'stopped' | 'starting' | 'ready' | 'failed';

/** How the engine is, and for `failed` why: a code, and a sentence for the user. */
export interface EngineNews {
  state: EngineState;
  code?: FailureCode;
  reason?: string;
}

/** A bridge, wherever it runs. */
export interface Engine {
  /**
   * Waits until the bridge answers, where that may be soon. Throws NigaoeError at once where it is known that nothing
   * answers: `unreachable` or `unauthorised`; `not-found` without a core; `cancelled` after the signal or the end.
   *
   * Each node is a file with a NigaoeError of its own: what the client throws is none of the caller's until
   * `failureFrom` (failure.ts) has made it one.
   */
  client(signal?: AbortSignal): Promise<BridgeClient>;
  readonly news: EngineNews;
  /** Told of each change; returns what ends that. */
  onNews(listener: (news: EngineNews) => void): () => void;
}

/** What forms and checks need to know of the bridge; asked again when it is some seconds old. Throw what `client` throws. */
export interface EngineLists {
  styles(): Promise<StyleInfo[]>;
  options(): Promise<OptionInfo[]>;
}

/** The config node as `RED.nodes.getNode` gives it. */
export interface EngineNode extends Node {
  engine: Engine;
  lists: EngineLists;
}

/** The engine that a node's configuration names; throws `options` where none is chosen or the chosen one is not there. */
export function engineOf(RED: NodeAPI, id: string | undefined): EngineNode {
  if (id === undefined || id === '') throw noEngine('none is chosen');
  const node = RED.nodes.getNode(id) as Partial<EngineNode> | null | undefined;
  if (node?.engine === undefined) throw noEngine('the chosen one is disabled or was deleted');
  return node as EngineNode;
}

function noEngine(why: string): NigaoeError {
  return new NigaoeError('options', `Expected an engine for this node but ${why}`, {
    hint: 'Open the node, choose an engine or add one, and deploy.',
  });
}
