// Bytes that arrive piece by piece and are looked at in between: no piece is copied again for each that follows.

export class GrowingBytes {
  /** Twice as large whenever it is full. */
  #room = Buffer.alloc(0);
  #length = 0;

  /** All of them, until the next `add` or `drop`. */
  get bytes(): Buffer {
    return this.#room.subarray(0, this.#length);
  }

  add(piece: Buffer): void {
    const length = this.#length + piece.length;
    if (length > this.#room.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.#room.length));
      this.bytes.copy(larger);
      this.#room = larger;
    }
    piece.copy(this.#room, this.#length);
    this.#length = length;
  }

  /** Takes so many away at the front. */
  drop(count: number): void {
    this.#room.copyWithin(0, count, this.#length);
    this.#length -= count;
  }
}
