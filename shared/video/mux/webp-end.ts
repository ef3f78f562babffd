// The last frame of an animated WebP: its encoder is told when frames begin, and guesses how long the last one is shown.

import { open } from 'node:fs/promises';

/** Bytes before the chunks, of a chunk's head, and of what stands in a frame's chunk before its duration. */
const [RIFF_HEAD, CHUNK_HEAD, BEFORE_DURATION] = [12, 8, 12];
const LONGEST_MS = 2 ** 24 - 1;

/** Has the last frame be shown for so long; nothing changes where there is only one. */
export async function setLastDelay(file: string, delayMs: number): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    const head = Buffer.alloc(CHUNK_HEAD);
    let last: number | undefined;
    for (let at = RIFF_HEAD; (await handle.read(head, 0, CHUNK_HEAD, at)).bytesRead === CHUNK_HEAD; ) {
      if (head.toString('latin1', 0, 4) === 'ANMF') last = at;
      const size = head.readUInt32LE(4);
      at += CHUNK_HEAD + size + (size % 2);
    }
    if (last === undefined) return;
    const duration = Buffer.alloc(3);
    duration.writeUIntLE(Math.min(Math.round(delayMs), LONGEST_MS), 0, 3);
    await handle.write(duration, 0, 3, last + CHUNK_HEAD + BEFORE_DURATION);
  } finally {
    await handle.close();
  }
}
