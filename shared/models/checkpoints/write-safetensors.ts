// Writes .safetensors files: the length of a JSON header, the header, and the numbers of all tensors one after another.

import type { Tensor } from '../../tensor.js';

/** Numbers begin at a multiple of this, as the format's own library has it. */
const ALIGNMENT = 8;

/** The file of these float32 tensors, with words about them. */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  let end = 0;
  const rows = [...tensors].map(([key, { dims, data }]) => {
    const begin = end;
    end += data.byteLength;
    return [key, { dtype: 'F32', shape: dims, data_offsets: [begin, end] }] as const;
  });
  const header = Buffer.from(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(rows) }));
  const headerLength = Math.ceil(header.length / ALIGNMENT) * ALIGNMENT;
  const file = Buffer.alloc(8 + headerLength + end, ' ');
  file.writeBigUInt64LE(BigInt(headerLength), 0);
  file.set(header, 8);
  let at = 8 + headerLength;
  for (const { data } of tensors.values()) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}
