// The progress bar on stderr: a strip, where the work is, and how long it has taken.

import { type Options, SingleBar } from 'cli-progress';
import { seconds } from './wording.js';

/** Where the work is: `done` of `total` (above 0; fractions are fine), and what is being done. */
export interface Step {
  done: number;
  total: number;
  text: string;
}

const STRIP_CHARACTERS = 24;

/** A bar that can be hidden while lines are printed, and shown again. */
export class Bar {
  readonly #startMs = performance.now();
  readonly #bar: SingleBar;
  /** Total of the bar that is shown; 0 while none is. */
  #total = 0;

  constructor() {
    this.#bar = new SingleBar({
      stream: process.stderr,
      format: (_: Options, { progress }: { progress: number }, { text }: { text: string }) =>
        `${strip(progress)} ${text}  ${seconds(performance.now() - this.#startMs)}`,
      clearOnComplete: true,
      // Ctrl-C belongs to interrupts.ts.
      gracefulExit: false,
    });
  }

  show({ done, total, text }: Step): void {
    if (this.#total !== total) this.hide();
    if (this.#total === 0) this.#bar.start(total, done, { text });
    else this.#bar.update(done, { text });
    this.#total = total;
  }

  hide(): void {
    if (this.#total > 0) this.#bar.stop();
    this.#total = 0;
  }
}

function strip(progress: number): string {
  const full = Math.round(Math.min(Math.max(progress, 0), 1) * STRIP_CHARACTERS);
  return `[${'#'.repeat(full)}${'-'.repeat(STRIP_CHARACTERS - full)}]`;
}
