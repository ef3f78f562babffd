// Reads checkpoints of PyTorch: the zip archives that torch writes since 1.6, and the streams of pickles before.

import type { ByteSource } from '../bytes.js';
import type { Checkpoint } from '../checkpoint.js';
import { openLegacy } from './legacy.js';
import { refused } from './pickle/refusal.js';
import { openZip } from './zip.js';

const ZIP = Uint8Array.of(0x50, 0x4b, 3, 4);
/** The operation PROTO, and the protocols that write it. */
const PROTO = 0x80;
const PROTOCOLS: readonly number[] = [2, 3, 4, 5];

/** Whether a file begins like a PyTorch checkpoint: as a zip archive, or as a pickle. */
export function isPytorch(head: Uint8Array): boolean {
  return isZip(head) || (head[0] === PROTO && PROTOCOLS.includes(head[1]));
}

const isZip = (head: Uint8Array): boolean => ZIP.every((byte, i) => head[i] === byte);

/**
 * Opens a PyTorch checkpoint, which `isPytorch`; closing it closes the source. The tensors are those of its state dict
 * (`findStateDict`). Nothing that the file asks for is executed.
 * @throws `model-corrupt` where it is damaged, `model-unsupported` where it holds something else than tensors
 */
export async function openPytorch(source: ByteSource): Promise<Checkpoint> {
  const head = await source.read(0, Math.min(ZIP.length, source.size));
  if (isZip(head)) return openZip(source);
  if (isPytorch(head)) return openLegacy(source);
  throw refused(source.name, 'it begins like no file of torch.save');
}
