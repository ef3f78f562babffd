// The bytes of one storage, wherever they lie in the file.

import { type ByteSource, corrupt } from '../bytes.js';
import type { Place } from '../numbers.js';

/** The bytes of one storage, whose place in the file is known. */
export interface StorageBytes {
  readonly size: number;
  /** Opens them for one tensor to be read: what is compressed is unpacked here. */
  open(): Promise<ByteSource>;
}

/** A part of a source that is read as if it were a file; the source stays open when it is closed. */
export function windowOf(source: ByteSource, place: Place): ByteSource {
  const { name } = source;
  return {
    name,
    size: place.length,
    read: async (offset, length) => {
      if (offset + length > place.length) throw corrupt(name, 'a storage ends too early');
      return source.read(place.offset + offset, length);
    },
    close: async () => undefined,
  };
}
