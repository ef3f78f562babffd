// Reads a stream some items ahead of whoever works on them, and never more.

/** The same items; up to `most` of them wait in memory. What the stream throws is thrown where it would have been. */
export async function* readAhead<Item>(stream: AsyncIterable<Item>, most: number): AsyncGenerator<Item> {
  const items = stream[Symbol.asyncIterator]();
  const waiting: Promise<IteratorResult<Item>>[] = [];
  const ask = () => {
    const next = items.next();
    // Thrown when it is its turn, and to nobody when the work has ended before.
    next.catch(() => undefined);
    waiting.push(next);
  };
  try {
    for (;;) {
      while (waiting.length < most) ask();
      const { value, done } = await (waiting.shift() as Promise<IteratorResult<Item>>);
      if (done) return;
      ask();
      yield value;
    }
  } finally {
    void items.return?.();
  }
}
