// Waiting that an AbortSignal ends at once.

import { throwIfCancelled } from '../../errors.js';

/** Waits; throws `cancelled` as soon as the signal is raised, and then leaves no timer behind. */
export async function waitMs(ms: number, signal?: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    await unlessCancelled(over, signal);
  } finally {
    clearTimeout(timer);
  }
}

/** What the promise gives, or `cancelled` as soon as the signal is raised; the promise itself goes on. */
export async function unlessCancelled<Value>(
  promise: Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value> {
  throwIfCancelled(signal);
  if (signal === undefined) return promise;
  const raised = listenFor(signal);
  try {
    return await Promise.race([promise, raised.promise]);
  } finally {
    raised.stop();
  }
}

function listenFor(signal: AbortSignal): { promise: Promise<never>; stop(): void } {
  let stop = () => {};
  const promise = new Promise<never>((_resolve, reject) => {
    const onAbort = () => {
      try {
        throwIfCancelled(signal);
      } catch (error) {
        reject(error as Error);
      }
    };
    signal.addEventListener('abort', onAbort, { once: true });
    stop = () => signal.removeEventListener('abort', onAbort);
  });
  // Where the race is already over nobody listens any more: that is no unhandled rejection.
  promise.catch(() => {});
  return { promise, stop };
}
