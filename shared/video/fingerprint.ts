// What makes two runs the same work: the film's bytes, the options, the styles and the program.

import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { PROGRAM } from '../version.js';

/** At each end of a film this much is hashed: what recorders and editors write anew in any change. */
const END_BYTES = 2 ** 20;

/** A short text that is equal for equal work. `settings` is plain data. */
export async function fingerprintOf(file: string, settings: object): Promise<string> {
  const hash = createHash('sha256');
  const { size, mtimeMs } = await stat(file);
  hash.update(JSON.stringify([PROGRAM, size, mtimeMs, settings]));
  const handle = await open(file);
  try {
    for (const at of [0, Math.max(0, size - END_BYTES)]) {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(END_BYTES), 0, END_BYTES, at);
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
  return hash.digest('hex');
}
