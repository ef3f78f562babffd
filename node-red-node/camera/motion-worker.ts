// The thread that decodes JPEGs for the motion check: half a second for a large one would stall all of Node-RED.

import { parentPort } from 'node:worker_threads';
import { greyOf } from './grey.js';

/** A file comes in, its small grey picture goes out; undefined where the file cannot be decoded. */
parentPort?.on('message', ({ id, file }: { id: number; file: Uint8Array }) => {
  let grey: Float32Array | undefined;
  try {
    grey = greyOf(file);
  } catch {
    // The picture is sent without a check then.
  }
  parentPort?.postMessage({ id, grey });
});
