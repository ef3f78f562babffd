// A bridge that is kept: opened at once, opened again with back-off whenever it is lost, until it is closed.

import { unlessCancelled, waitMs } from '../../shared/bridge/client/wait.js';
import type { BridgeClient } from '../../shared/bridge/client.js';
import { NigaoeError } from '../../shared/errors.js';
import type { Engine, EngineNews } from './engine.js';
import { failureFrom, sentenceOf } from './failure.js';
import { NewsBoard } from './news.js';
import { type PauseRules, Pauses } from './pauses.js';

/** A bridge that answers. */
export interface OpenBridge {
  client: BridgeClient;
  /** Settles when it is lost, with why; also after `close`. */
  lost: Promise<NigaoeError>;
  close(): Promise<void>;
}

/** Opens the bridge once; throws NigaoeError with why it could not, or after the signal. */
export type Opening = (signal: AbortSignal) => Promise<OpenBridge>;

/** Whoever asks waits through a pause that ends within this time; a longer one is answered with the reason. */
const PATIENCE_MS = 5_000;

/** The engine over an opening. It never gives up; `close` ends it. */
export class KeptBridge implements Engine {
  readonly #open: Opening;
  readonly #pauses: Pauses;
  readonly #board = new NewsBoard();
  readonly #end = new AbortController();
  readonly #running: Promise<void>;
  #bridge: OpenBridge | undefined;
  #next = new Outcome();
  /** While it pauses: why, and until when in `performance.now()`. */
  #pausing: { why: NigaoeError; untilMs: number } | undefined;

  constructor(open: Opening, rules: PauseRules) {
    this.#open = open;
    this.#pauses = new Pauses(rules);
    this.#running = this.#run();
  }

  get news(): EngineNews {
    return this.#board.news;
  }

  onNews(listener: (news: EngineNews) => void): () => void {
    return this.#board.follow(listener);
  }

  async client(signal?: AbortSignal): Promise<BridgeClient> {
    if (this.#bridge !== undefined) return this.#bridge.client;
    const pausing = this.#pausing;
    if (pausing !== undefined && pausing.untilMs - performance.now() > PATIENCE_MS) throw pausing.why;
    return unlessCancelled(this.#next.promise, signal);
  }

  /** Resolves when nothing of it is left. */
  async close(): Promise<void> {
    this.#end.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#end.signal.aborted) await this.#round();
    this.#next.fail(new NigaoeError('cancelled', 'The engine was stopped'));
    this.#board.post({ state: 'stopped' });
  }

  /** From one opening to the end of the pause before the next. Never rejects: nobody would hear of it. */
  async #round(): Promise<void> {
    const { signal } = this.#end;
    this.#board.post({ state: 'starting' });
    let openedMs: number | undefined;
    try {
      this.#bridge = await this.#open(signal);
      openedMs = performance.now();
      throw await this.#untilLost(this.#bridge, signal);
    } catch (error) {
      this.#bridge = undefined;
      if (signal.aborted) return;
      const why = failureFrom(error);
      // Whoever waited for a try that failed is told; whoever comes after a loss waits for the next try.
      if (openedMs === undefined) this.#fail(why);
      await this.#pause(why, openedMs === undefined ? 0 : performance.now() - openedMs);
    }
  }

  async #untilLost(bridge: OpenBridge, signal: AbortSignal): Promise<NigaoeError> {
    this.#next.succeed(bridge.client);
    this.#next = new Outcome();
    this.#board.post({ state: 'ready' });
    try {
      return await unlessCancelled(bridge.lost, signal);
    } finally {
      this.#bridge = undefined;
      await bridge.close();
    }
  }

  async #pause(why: NigaoeError, workedMs: number): Promise<void> {
    const pauseMs = this.#pauses.nextMs(workedMs);
    this.#pausing = { why, untilMs: performance.now() + pauseMs };
    this.#board.post({ state: 'failed', code: why.code, reason: sentenceOf(why) });
    await waitMs(pauseMs, this.#end.signal).catch(() => undefined);
    this.#pausing = undefined;
  }

  #fail(why: NigaoeError): void {
    const failed = this.#next;
    this.#next = new Outcome();
    failed.fail(why);
  }
}

/** What the next try will come to. */
class Outcome {
  succeed: (client: BridgeClient) => void = () => undefined;
  fail: (why: NigaoeError) => void = () => undefined;
  readonly promise = new Promise<BridgeClient>((resolve, reject) => {
    this.succeed = resolve;
    this.fail = reject;
  });

  constructor() {
    // A try that fails while nobody waits is no unhandled rejection.
    this.promise.catch(() => undefined);
  }
}
