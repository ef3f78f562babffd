// Requests that are answered when some work is done.

import type { FastifyRequest } from 'fastify';
import type { BridgeContext } from '../context.js';
import { untilDone } from '../orders/follow.js';
import type { JobStatus } from '../protocol.js';

/** Does the work of a request. Nothing moves on its connection meanwhile, which is no reason to close it. */
export async function patiently<Value>(
  { raw: { socket } }: FastifyRequest,
  { limits }: BridgeContext,
  work: () => Promise<Value>,
): Promise<Value> {
  socket.setTimeout(0);
  try {
    return await work();
  } finally {
    // Whoever does not take the answer is not waited for.
    socket.setTimeout(limits.idleMs);
  }
}

/** The job, done; when the signal is raised, nobody wants it any more, and it is cancelled. Throws what it failed with. */
export async function jobDone(
  { queue, limits }: BridgeContext,
  { id, owner }: { id: string; owner: string },
  signal: AbortSignal,
): Promise<JobStatus> {
  try {
    return await untilDone(queue, { id, owner, after: 0, pulseMs: limits.pulseMs }, signal);
  } catch (error) {
    if (signal.aborted) await queue.cancel(id, owner).catch(() => undefined);
    throw error;
  }
}
