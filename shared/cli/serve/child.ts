// `nigaoe serve --child`: the bridge of one program, which started it, sends it a token, and takes it along when it ends.

import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Bridge } from '../../bridge/server.js';
import { NigaoeError } from '../../errors.js';
import type { Stage } from '../perform.js';
import type { ServeFlags } from './flags.js';
import { open } from './open.js';

/**
 * Serves until standard input ends or the signal is raised; 0. Nobody pairs: the one token comes as the first line of
 * standard input, is kept in memory and written nowhere. Jobs that are there at the end are dropped, as nobody is left to
 * fetch them. Throws `options` for a first line without a token, and what `openBridge` throws.
 */
export async function serveParent(flags: ServeFlags, stage: Stage): Promise<number> {
  try {
    const parent = await meetParent(stage.signal);
    if (parent === undefined) return 0;
    const { token, gone } = parent;
    return await serveUntil(
      AbortSignal.any([stage.signal, gone]),
      await open(flags, { token }, stage),
      stage,
    );
  } finally {
    // Standard input that is still open would keep this process.
    process.stdin.destroy();
  }
}

async function serveUntil(ended: AbortSignal, bridge: Bridge, { terminal }: Stage): Promise<number> {
  try {
    const { port, addresses } = bridge;
    terminal.result(`Serves its parent at http://localhost:${port}`, {
      event: 'listening',
      port,
      addresses,
    });
    if (!ended.aborted) await once(ended, 'abort');
  } finally {
    await bridge.close();
  }
  return 0;
}

interface Parent {
  token: string;
  /** Raised when standard input has ended: with the parent, however that ends. */
  gone: AbortSignal;
}

/** Undefined where the signal is raised before the parent has said anything. */
async function meetParent(told: AbortSignal): Promise<Parent | undefined> {
  const gone = new AbortController();
  const lines = createInterface({ input: process.stdin });
  lines.once('close', () => gone.abort());
  const signal = AbortSignal.any([told, AbortSignal.timeout(PATIENCE_MS)]);
  const first = Promise.race([once(lines, 'line', { signal }), once(lines, 'close', { signal })]);
  const [line] = (await first.catch(() => [])) as [string?];
  if (line === undefined && told.aborted) return undefined;
  return { token: readToken(line), gone: gone.signal };
}

/** For the first line: a person who tries this in a terminal should hear what is missing. */
const PATIENCE_MS = 15_000;

/** As long as those that the bridge makes, and of the same letters. */
const TOKEN = /^nigaoe_[\w-]{43,128}$/;

function readToken(line: string | undefined): string {
  try {
    const { token } = JSON.parse(line ?? '') as { token?: unknown };
    if (typeof token === 'string' && TOKEN.test(token)) return token;
  } catch {
    // Told below.
  }
  // The line is not shown: it may hold a token all the same.
  throw new NigaoeError('options', 'Expected a token in the first line of standard input but there is none', {
    hint: 'With --child, the program that starts the bridge writes {"token": "nigaoe_..."} there, with 43 random letters, digits, - or _.',
  });
}
