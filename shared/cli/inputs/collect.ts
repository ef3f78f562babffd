// Chunks of unknown number -> one block of bytes, within a limit.

import { NigaoeError, throwIfCancelled } from '../../errors.js';

interface CollectOptions {
  mostBytes: number;
  /** What messages call the source. */
  name: string;
  signal: AbortSignal;
}

/** Gathers all chunks; throws `photo-too-large` beyond the limit, `cancelled` when the signal is raised. */
export async function collectBytes(
  chunks: AsyncIterable<Uint8Array>,
  { mostBytes, name, signal }: CollectOptions,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    throwIfCancelled(signal);
    bytes += chunk.length;
    if (bytes > mostBytes) throw tooLarge(name, mostBytes);
    parts.push(chunk);
  }
  return parts.length === 1 ? parts[0] : Buffer.concat(parts);
}

/** The failure for a photo of more bytes than are taken. */
export function tooLarge(name: string, mostBytes: number): NigaoeError {
  const limit = `${Math.round(mostBytes / 1e6)} MB`;
  return new NigaoeError('photo-too-large', `Expected at most ${limit} but ${name} has more`, {
    hint: 'Scale the photo down or compress it first.',
  });
}
