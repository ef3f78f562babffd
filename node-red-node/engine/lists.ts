// What forms ask an engine for, kept for some seconds: an editor with ten nodes asks ten times.

import type { BridgeClient } from '../../shared/bridge/client.js';
import type { Engine, EngineLists } from './engine.js';

/** A style that was pulled meanwhile is in the list soon. */
const KEPT_MS = 15_000;

/** The lists of an engine. A loss of the bridge has them asked for anew: the next may be another. */
export function listsOf(engine: Engine): EngineLists {
  const styles = kept(engine, (client) => client.styles());
  const options = kept(engine, (client) => client.options());
  return { styles, options };
}

function kept<List>(engine: Engine, ask: (client: BridgeClient) => Promise<List>): () => Promise<List> {
  let asked: { list: Promise<List>; atMs: number } | undefined;
  engine.onNews(({ state }) => {
    if (state === 'failed') asked = undefined;
  });
  return () => {
    if (asked !== undefined && performance.now() - asked.atMs < KEPT_MS) return asked.list;
    const asking = { list: engine.client().then(ask), atMs: performance.now() };
    asked = asking;
    // A failure is not kept.
    asking.list.catch(() => {
      if (asked === asking) asked = undefined;
    });
    return asking.list;
  };
}
