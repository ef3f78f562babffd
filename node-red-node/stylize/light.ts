// What stands under the node in the editor: waiting, drawing, done or what went wrong, in a few words.

import type { JobStatus } from '../../shared/bridge/protocol.js';
import type { FailureCode } from '../../shared/errors.js';
import type { EngineNews } from '../engine/engine.js';

/** As Node-RED takes it. */
export interface Look {
  fill?: 'red' | 'green' | 'yellow' | 'blue' | 'grey';
  shape?: 'dot' | 'ring';
  text?: string;
}

export interface LightOptions {
  show(look: Look): void;
  /** A text of the node's catalogue, below `status`. */
  translate(key: string, values?: Record<string, string>): string;
}

/** Shows each look once, however often it is told. */
export class Light {
  #shown = '';
  /** Whether what is shown is a failure of the engine, which its return ends. */
  #ofEngine = false;
  #closed = false;

  constructor(private readonly options: LightOptions) {}

  /** The engine is not there yet. */
  starting(): void {
    this.#show('blue', 'ring', this.#text('starting'));
  }

  /** A job, and how many frames wait here. */
  drawing({ state, position, progress }: JobStatus, waiting: number): void {
    const percent = Math.floor((progress?.fraction ?? 0) * 100);
    const key = waiting === 0 ? 'drawing' : 'drawingMore';
    if (state === 'queued') this.#show('yellow', 'ring', this.#text('queued', { position }));
    else this.#show('blue', 'dot', this.#text(key, { percent, waiting }));
  }

  /** `skipped`: frames that were passed over since the last one. */
  done(ms: number, skipped: number): void {
    const seconds = ms < 9_950 ? (ms / 1000).toFixed(1) : (ms / 1000).toFixed(0);
    this.#show('green', 'dot', this.#text(skipped === 0 ? 'done' : 'doneSkipped', { seconds, skipped }));
  }

  noFace(): void {
    this.#show('grey', 'dot', this.#text('noFace'));
  }

  failed(code: FailureCode): void {
    if (code === 'cancelled') this.#show('grey', 'ring', this.#text('cancelled'));
    else this.#show('red', 'ring', this.#text(WORDS[code] ?? 'failed'));
    this.#ofEngine = OF_ENGINE.includes(code);
  }

  /** A new start. */
  clear(): void {
    this.#set({});
  }

  /** The engine, while nothing is drawn: its failure is shown until it is well again, whatever it tries meanwhile. */
  engine({ state, code }: EngineNews): void {
    if (state === 'failed') this.#engineFailed(code);
    if (state === 'ready' && this.#ofEngine) this.clear();
  }

  /** Nothing is shown any more. */
  close(): void {
    this.#closed = true;
  }

  #engineFailed(code: FailureCode | undefined): void {
    const word = code === undefined ? undefined : WORDS[code];
    this.#show('red', 'ring', this.#text(word ?? 'noEngine'));
    this.#ofEngine = true;
  }

  #text(key: string, values: Record<string, unknown> = {}): string {
    const entries = Object.entries(values).map(([name, value]) => [name, String(value ?? '')]);
    return this.options.translate(key, Object.fromEntries(entries));
  }

  #show(fill: Look['fill'], shape: Look['shape'], text: string): void {
    this.#set({ fill, shape, text });
  }

  #set(look: Look): void {
    this.#ofEngine = false;
    const shown = JSON.stringify(look);
    if (shown === this.#shown || this.#closed) return;
    this.#shown = shown;
    this.options.show(look);
  }
}

/** The word for a failure; all others are just failures. */
const WORDS: Partial<Record<FailureCode, string>> = {
  unreachable: 'noEngine',
  'not-found': 'noEngine',
  unauthorised: 'noAccess',
  forbidden: 'noAccess',
  busy: 'busy',
  options: 'badOption',
  'photo-unreadable': 'noPicture',
  'photo-refused': 'noPicture',
  'photo-too-large': 'tooLarge',
  'model-missing': 'noModel',
  'model-unknown': 'noModel',
  'licence-not-accepted': 'noModel',
};

/** The failures of a message that are those of the engine, which is told when they are over. */
const OF_ENGINE: readonly FailureCode[] = ['unreachable', 'unauthorised', 'not-found'];
