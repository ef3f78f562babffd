// The small picture under the node in the editor: the newest one, seldom enough to keep the editor's line free.

import { setTimeout as delay } from 'node:timers/promises';
import type { BridgeClient } from '../../shared/bridge/client.js';

/** Long side of the small picture. */
const SIDE_PX = 200;
/** Nobody sees more, and each editor gets each of them. */
const PAUSE_MS = 500;

/** A picture that can be shown. */
interface Shown {
  client: BridgeClient;
  /** Of the job. */
  id: string;
}

/** Editors get `{image}`, a JPEG in base64; with `{}` they take it away. */
export type Publish = (data: { image?: string }, retain: boolean) => void;

/** Holds one word of what is to be shown and no picture. */
export class Preview {
  #wanted: Shown | undefined;
  #busy = false;
  readonly #stop = new AbortController();

  constructor(private readonly publish: Publish) {}

  /** Shows the first picture of a job, unless a newer one comes first. Returns at once and never fails. */
  show(shown: Shown): void {
    this.#wanted = shown;
    if (!this.#busy) void this.#showAll();
  }

  /** Takes the picture away. */
  clear(): void {
    this.publish({}, false);
  }

  /** Ends; where the node itself goes, so does the picture. */
  close(removed: boolean): void {
    this.#wanted = undefined;
    this.#stop.abort();
    if (removed) this.clear();
  }

  async #showAll(): Promise<void> {
    this.#busy = true;
    while (this.#wanted !== undefined) {
      const shown = this.#wanted;
      this.#wanted = undefined;
      // A preview that fails is no failure of the drawing.
      await this.#showOne(shown).catch(() => {});
      await delay(PAUSE_MS, undefined, { signal: this.#stop.signal }).catch(() => {});
    }
    this.#busy = false;
  }

  async #showOne({ client, id }: Shown): Promise<void> {
    const { signal } = this.#stop;
    const jpeg = await client.thumbnail(id, { index: 0, sidePx: SIDE_PX, signal });
    if (signal.aborted) return;
    this.publish({ image: Buffer.from(jpeg).toString('base64') }, true);
  }
}
