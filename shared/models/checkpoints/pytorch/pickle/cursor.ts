// Reads the arguments of pickle operations from bytes, one after another.

/** Thrown where the bytes end inside a pickle: the caller knows whether there are more of them. */
export class PickleCutShort extends Error {}

/** A place in bytes that moves on as they are read. */
export class ByteCursor {
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The next bytes, as a view; nothing is allocated for a length that the file cannot fill. */
  take(length: number): Uint8Array {
    const from = this.#advance(length);
    return this.#bytes.subarray(from, from + length);
  }

  uint8(): number {
    return this.#bytes[this.#advance(1)];
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  /** Rounded beyond 2 ** 53, where it can only be a length that no file has. */
  uint64(): number {
    return Number(this.#view.getBigUint64(this.#advance(8), true));
  }

  /** Big-endian, unlike everything else in a pickle. */
  float64(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }

  /** The rest of a line, a character per byte, without its end. */
  line(): string {
    const end = this.#bytes.indexOf(LINE_FEED, this.at);
    if (end < 0) throw new PickleCutShort();
    const line = latin1(this.take(end - this.at));
    this.at++;
    return line;
  }

  #advance(length: number): number {
    if (!(length >= 0 && length <= this.#bytes.length - this.at)) throw new PickleCutShort();
    const from = this.at;
    this.at += length;
    return from;
  }
}
const LINE_FEED = 10;

/** A character per byte. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
