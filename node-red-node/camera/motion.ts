// Asks a worker thread for small grey pictures; the thread starts with the first question and ends with the node.

import { Worker } from 'node:worker_threads';

export interface GreyThread {
  /** The small grey picture of a JPEG; undefined where it cannot be decoded, or not in time. */
  greyOf(file: Uint8Array): Promise<Float32Array | undefined>;
  close(): Promise<void>;
}

interface Answer {
  id: number;
  grey: Float32Array | undefined;
}

/** `workerFile` is the built `motion-worker.js`. */
export function openGreyThread(workerFile: string, timeoutMs = 20_000): GreyThread {
  const waiting = new Map<number, (grey: Float32Array | undefined) => void>();
  let worker: Worker | undefined;
  let count = 0;
  const drop = (): void => {
    worker = undefined;
    for (const resolve of waiting.values()) resolve(undefined);
    waiting.clear();
  };
  const end = async (): Promise<void> => {
    const ending = worker;
    drop();
    await ending?.terminate();
  };
  const started = (): Worker => {
    const made = new Worker(workerFile);
    // Node-RED may end while it sleeps.
    made.unref();
    made.on('message', ({ id, grey }: Answer) => waiting.get(id)?.(grey));
    made.on('error', drop);
    return made;
  };
  return {
    greyOf(file) {
      worker ??= started();
      const id = count++;
      worker.postMessage({ id, file });
      return new Promise((resolve) => {
        const timer = setTimeout(() => void end(), timeoutMs);
        waiting.set(id, (grey) => {
          clearTimeout(timer);
          waiting.delete(id);
          resolve(grey);
        });
      });
    },
    close: end,
  };
}
