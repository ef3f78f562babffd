// What comes first, of many: a binary heap.

/** Gives out the item of the least key; of equal keys any. */
export class Heap<Item> {
  readonly #keys: number[] = [];
  readonly #items: Item[] = [];

  get size(): number {
    return this.#items.length;
  }

  /** The key of what comes next. */
  get least(): number | undefined {
    return this.#keys[0];
  }

  push(key: number, item: Item): void {
    let at = this.#items.length;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (this.#keys[parent] <= key) break;
      this.#put(at, this.#keys[parent], this.#items[parent]);
      at = parent;
    }
    this.#put(at, key, item);
  }

  pop(): [key: number, item: Item] | undefined {
    if (this.#items.length === 0) return undefined;
    const first: [number, Item] = [this.#keys[0], this.#items[0]];
    const key = this.#keys.pop()!;
    const item = this.#items.pop()!;
    if (this.#items.length > 0) this.#sink(key, item);
    return first;
  }

  #sink(key: number, item: Item): void {
    const count = this.#items.length;
    let at = 0;
    for (let child = 1; child < count; child = 2 * at + 1) {
      if (child + 1 < count && this.#keys[child + 1] < this.#keys[child]) child += 1;
      if (this.#keys[child] >= key) break;
      this.#put(at, this.#keys[child], this.#items[child]);
      at = child;
    }
    this.#put(at, key, item);
  }

  #put(at: number, key: number, item: Item): void {
    this.#keys[at] = key;
    this.#items[at] = item;
  }
}
