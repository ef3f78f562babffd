// Ends what revoked tokens have begun: their jobs are cancelled, and with them the streams that follow these.

import type { BridgeContext } from '../context.js';

/** Another process revokes; one look at the file's date each time is cheap. */
const LOOK_MS = 1_000;

/** Looks for tokens that have gone until the returned function is called. Does not keep the process alive. */
export function watchRevoked({ tokens, queue }: Pick<BridgeContext, 'tokens' | 'queue'>): () => void {
  let known: string[] = [];
  const look = async () => {
    const ids = (await tokens.all()).map(({ id }) => id);
    const gone = known.filter((id) => !ids.includes(id));
    known = ids;
    for (const id of gone) await queue.cancelAll(id);
  };
  // A file that cannot be read for the moment revokes nothing.
  const timer = setInterval(() => void look().catch(() => undefined), LOOK_MS).unref();
  return () => clearInterval(timer);
}
