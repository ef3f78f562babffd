// The desk at which pictures are drawn: one at a time, the others wait in line.

import type { FrameLine } from './frame-line.js';

/** Why a frame is not drawn: no room in the queue, passed over by policy, or called off. */
export type GivenUp = 'full' | 'skipped' | 'cancelled';

export interface DeskWork<Frame> {
  /** Draws a frame, and tells its sender how that went. Must not fail. */
  draw(frame: Frame, signal: AbortSignal): Promise<void>;
  /** Told of each frame that never gets its turn. */
  giveUp(frame: Frame, why: GivenUp): void;
}

/** Holds at most the frame that is being drawn and those in its line. */
export class Desk<Frame> {
  #stop: AbortController | undefined;
  #working: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(
    private readonly line: FrameLine<Frame>,
    private readonly work: DeskWork<Frame>,
  ) {}

  /** Frames in line, without the one that is being drawn. */
  get waiting(): number {
    return this.line.length;
  }

  get isDrawing(): boolean {
    return this.#stop !== undefined;
  }

  /** Draws the frame now, has it wait, or gives one up, as the policy says. */
  take(frame: Frame): void {
    if (this.#closed) this.work.giveUp(frame, 'cancelled');
    else if (this.isDrawing) this.#enqueue(frame);
    else this.#working = this.#drawAll(frame);
  }

  /** Stops the drawing; the next in line follows. */
  cancel(): void {
    this.#stop?.abort();
  }

  /** Stops the drawing and empties the line. */
  reset(): void {
    for (const frame of this.line.clear()) this.work.giveUp(frame, 'cancelled');
    this.cancel();
  }

  /** Takes no frames any more; resolves when the drawing has stopped. */
  close(): Promise<void> {
    this.#closed = true;
    this.reset();
    return this.#working;
  }

  #enqueue(frame: Frame): void {
    const left = this.line.add(frame);
    if (left !== undefined) this.work.giveUp(left, this.line.policy === 'queue' ? 'full' : 'skipped');
  }

  async #drawAll(first: Frame): Promise<void> {
    let frame: Frame | undefined = first;
    while (frame !== undefined) {
      this.#stop = new AbortController();
      await this.work.draw(frame, this.#stop.signal);
      frame = this.line.next();
    }
    this.#stop = undefined;
  }
}
