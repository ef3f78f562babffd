// How far a film is, for people and for programs.

import type { Step } from '../terminal/bar.js';
import type { Terminal } from '../terminal/terminal.js';
import { seconds } from '../terminal/wording.js';

/** Programs hear of it once a second, people as often as the bar is drawn. */
const JSON_PERIOD_MS = 1000;

export class FilmProgress {
  readonly #terminal: Terminal;
  readonly #label: string;
  readonly #of: number;
  readonly #startMs = performance.now();
  readonly #before: number;
  #toldMs = 0;

  /** `before` frames of `of` (0: nobody knows) are there from an earlier run. */
  constructor(terminal: Terminal, label: string, { before, of }: { before: number; of: number }) {
    this.#terminal = terminal;
    this.#label = label;
    this.#before = before;
    this.#of = of;
  }

  /** So many frames are drawn by now. */
  show(frames: number): void {
    const fps = this.#rate(frames);
    const secondsLeft = this.#of > 0 ? Math.max(0, this.#of - frames) / fps : undefined;
    this.#terminal.progress(stepOf(this.#label, { frames, of: this.#of, fps, secondsLeft }));
    const nowMs = performance.now();
    if (nowMs - this.#toldMs < JSON_PERIOD_MS) return;
    this.#toldMs = nowMs;
    this.#terminal.jsonOnly({
      ...{ status: 'drawing', frames, of: this.#of || undefined, fps: rounded(fps) },
      secondsLeft: secondsLeft && Math.round(secondsLeft),
    });
  }

  /** All are drawn. */
  join(): void {
    this.#terminal.progress({ done: 1, total: 1, text: `${this.#label}  putting together` });
    this.#terminal.jsonOnly({ status: 'joining' });
  }

  /** Frames a second of this run. */
  #rate(frames: number): number {
    return ((frames - this.#before) * 1000) / Math.max(1, performance.now() - this.#startMs);
  }
}

export const rounded = (fps: number): number => Math.round(fps * 100) / 100;

/** `clip.mp4  120 of 285 frames  2.4 fps  69.0 s left`. */
export function stepOf(
  label: string,
  progress: { frames: number; of: number; fps: number; secondsLeft?: number | undefined },
): Step {
  const { frames, of, fps, secondsLeft } = progress;
  // Estimates of broken headers may be too low.
  const total = Math.max(of, frames);
  const left = secondsLeft === undefined ? '' : `  ${seconds(secondsLeft * 1000)} left`;
  const count = of > 0 ? `${frames} of ${total} frames` : `${frames} frames`;
  return { done: frames, total, text: `${label}  ${count}  ${fps.toFixed(fps < 10 ? 1 : 0)} fps${left}` };
}
