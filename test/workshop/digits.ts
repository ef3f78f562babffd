// Idx files of drawn figures that stand in for digits: bars and rings, in a temporary folder.

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

const SIDE_PX = 28;
/** The idx format: two zeros, the type (8: bytes), the number of axes, then each size as a big-endian 32-bit number. */
const header = (...dims: number[]): Buffer => {
  const bytes = Buffer.alloc(4 + 4 * dims.length);
  bytes.set([0, 0, 8, dims.length]);
  for (const [at, size] of dims.entries()) bytes.writeUInt32BE(size, 4 + 4 * at);
  return bytes;
};

/** Writes `count` figures of three kinds, from the `first` on, with their labels into the folder, and returns it. */
export async function writeFigures(folder: string, count: number, first = 0): Promise<string> {
  const labels = Uint8Array.from({ length: count }, (_, index) => (first + index) % 3);
  const pictures = new Uint8Array(count * SIDE_PX ** 2);
  for (let index = 0; index < count; index++)
    for (let at = 0; at < SIDE_PX ** 2; at++)
      pictures[index * SIDE_PX ** 2 + at] = isInk(labels[index], index, at) ? 255 : 0;
  await mkdir(folder, { recursive: true });
  const images = Buffer.concat([header(count, SIDE_PX, SIDE_PX), pictures]);
  await writeFile(path.join(folder, 'figures-images-idx3-ubyte'), images);
  await writeFile(path.join(folder, 'figures-labels-idx1-ubyte'), Buffer.concat([header(count), labels]));
  return folder;
}

/** An upright bar, a lying bar, or a ring, each a little elsewhere. */
function isInk(kind: number, index: number, at: number): boolean {
  const x = (at % SIDE_PX) - 14 - (index % 5) + 2;
  const y = Math.floor(at / SIDE_PX) - 14 - (index % 7) + 3;
  if (kind === 0) return Math.abs(x) < 3 && Math.abs(y) < 10;
  if (kind === 1) return Math.abs(y) < 3 && Math.abs(x) < 10;
  return Math.abs(Math.hypot(x, y) - 7) < 2;
}
