// Reads a stream of bytes piece by piece, as many as are wanted at a time.

/** The stream ended in the middle of something. */
export class EndOfStream extends Error {}

export class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array();
  #at = 0;

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** Whether nothing is left. */
  async ended(): Promise<boolean> {
    while (this.#at === this.#chunk.length) if (!(await this.#next())) return true;
    return false;
  }

  /** So many bytes in memory of their own. */
  async bytes(count: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(count);
    for (let filled = 0; filled < count; ) {
      if (await this.ended()) throw new EndOfStream('The stream ended in the middle of a frame');
      const piece = this.#chunk.subarray(this.#at, this.#at + count - filled);
      bytes.set(piece, filled);
      filled += piece.length;
      this.#at += piece.length;
    }
    return bytes;
  }

  async byte(): Promise<number> {
    if (await this.ended()) throw new EndOfStream('The stream ended in the middle of a number');
    return this.#chunk[this.#at++];
  }

  /** An unsigned number in groups of 7 bits. */
  async varlen(): Promise<number> {
    for (let value = 0; ; ) {
      const byte = await this.byte();
      value = value * 128 + (byte & 127);
      if (byte < 128) return value;
    }
  }

  async #next(): Promise<boolean> {
    const { value, done } = await this.#chunks.next();
    if (done) return false;
    this.#chunk = value;
    this.#at = 0;
    return true;
  }
}
