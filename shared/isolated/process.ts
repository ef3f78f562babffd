// One drawing process as its parent sees it: started, asked, stopped, ended.

import type { ChildProcess } from 'node:child_process';
import { fromFailure, NigaoeError, throwIfCancelled } from '../errors.js';
import type { JobRun, Progress } from '../job.js';
import type { StylizerOptions } from '../stylizer.js';
import { describeDeath, OutputTail } from './death.js';
import { forkChild } from './fork.js';
import type { Answer, JobRequest, JobResult, Order, Report } from './protocol.js';

/** To end by itself after `close`: sessions are released in milliseconds. */
const END_MS = 3_000;
/** From SIGKILL to the exit: a process stuck in a driver may take for ever, and nobody waits for that one. */
const KILL_MS = 400;
/** From the exit to the end of its output, which a crash message still needs. */
const DRAIN_MS = 300;

interface Question {
  id: number;
  onProgress?: (progress: Progress) => void;
  /** What the caller's onProgress threw: the job stops and fails with it. */
  thrown?: { error: unknown };
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

/** A drawing process. It answers one question at a time. */
export class DrawingProcess {
  /** Settles when the process has ended, for whatever reason. */
  readonly gone: Promise<void>;
  readonly #child: ChildProcess;
  readonly #tail: OutputTail;
  readonly #options: StylizerOptions;
  readonly #cancelGraceMs: number;
  #settleGone: () => void = () => undefined;
  #death: NigaoeError | undefined;
  /** Why it was killed or could not be forked, where its exit does not tell. */
  #reason: string | undefined;
  #usable = true;
  #opened = false;
  #question: Question | undefined;
  #lastId = 0;
  #deadline: NodeJS.Timeout | undefined;

  constructor(options: StylizerOptions, cancelGraceMs: number) {
    this.#options = options;
    this.#cancelGraceMs = cancelGraceMs;
    this.gone = new Promise((resolve) => {
      this.#settleGone = resolve;
    });
    this.#child = forkChild();
    this.#tail = new OutputTail(this.#child);
    this.#listen();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** False once it has ended, is ending or was killed. */
  get usable(): boolean {
    return this.#usable;
  }

  /**
   * Waits until it answers, which it does when it has loaded its libraries; keeps the parent alive from here on.
   * @throws NigaoeError `internal` when it cannot start or is silent for `limitMs`, and is then killed
   */
  async open(limitMs: number): Promise<void> {
    this.#ref();
    const limit = setTimeout(() => this.#kill(`no answer in ${limitMs / 1000} s`), limitMs);
    try {
      await this.#ask((id) => ({ type: 'open', id, options: this.#options }));
      this.#opened = true;
    } finally {
      clearTimeout(limit);
    }
  }

  /**
   * Has it draw one photo, or one frame. When the signal is raised, it is told to stop, and killed if it has not within the grace time.
   * @throws NigaoeError: the job's own, `cancelled`, or `internal` when the process died
   */
  async draw(request: JobRequest, { signal, onProgress }: JobRun): Promise<JobResult> {
    const stop = () => this.#stop();
    const report = (progress: Progress) => {
      if (!signal?.aborted) onProgress?.(progress);
    };
    signal?.addEventListener('abort', stop, { once: true });
    try {
      const answer = await this.#ask((id) => ({ type: 'draw', id, request }), report);
      throwIfCancelled(signal);
      return resultOf(answer);
    } catch (error) {
      throwIfCancelled(signal);
      throw error;
    } finally {
      clearTimeout(this.#deadline);
      signal?.removeEventListener('abort', stop);
    }
  }

  /** Lets the parent's event loop end although this process waits for work. */
  unref(): void {
    this.#child.unref();
    this.#child.channel?.unref();
  }

  /** Has it give its memory back and exit; kills it when it does not. */
  async end(): Promise<void> {
    this.#ref();
    this.#usable = false;
    this.#tell({ type: 'close' });
    const limit = setTimeout(() => this.#kill(), END_MS);
    await this.gone;
    clearTimeout(limit);
  }

  #ref(): void {
    this.#child.ref();
    this.#child.channel?.ref();
  }

  #listen(): void {
    const child = this.#child;
    child.on('message', (report: Report) => this.#hear(report));
    child.once('exit', () => {
      this.#usable = false;
      const drained = setTimeout(() => this.#die(), DRAIN_MS);
      void this.gone.then(() => clearTimeout(drained));
    });
    // Comes after the exit, when its output has been read to the end.
    child.once('close', () => this.#die());
    // A failed kill reports here too; only what never got a pid is dead without an exit.
    child.on('error', ({ message }) => {
      this.#reason ??= message;
      if (child.pid === undefined) this.#die();
    });
  }

  #ask(order: (id: number) => Order, onProgress?: Question['onProgress']): Promise<Answer> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      if (this.#death) throw this.#death;
      this.#question = { id, onProgress, resolve, reject };
      this.#tell(order(id));
    });
  }

  // Without a channel the exit is already on its way; the callback keeps a failed write from being thrown.
  #tell(order: Order): void {
    if (this.#child.connected) this.#child.send(order, () => undefined);
  }

  #hear(report: Report): void {
    const question = this.#question;
    if (question?.id !== report.id) return;
    if (report.type === 'progress') this.#pass(report.progress, question);
    else this.#answer(report, question);
  }

  #answer(answer: Answer, question: Question): void {
    this.#question = undefined;
    if (question.thrown) question.reject(question.thrown.error);
    else question.resolve(answer);
  }

  #pass(progress: Progress, question: Question): void {
    if (question.thrown) return;
    try {
      question.onProgress?.(progress);
    } catch (error) {
      question.thrown = { error };
      this.#stop();
    }
  }

  /** Asks the running job to stop; while a network runs the child hears nothing, so the kill follows. */
  #stop(): void {
    if (this.#question) this.#tell({ type: 'cancel', id: this.#question.id });
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#kill(), this.#cancelGraceMs);
  }

  #kill(reason?: string): void {
    this.#usable = false;
    this.#reason ??= reason;
    this.#child.kill('SIGKILL');
    const given = setTimeout(() => this.#die(), KILL_MS);
    void this.gone.then(() => clearTimeout(given));
  }

  #die(): void {
    if (this.#death) return;
    this.#usable = false;
    this.#death = describeDeath({
      opened: this.#opened,
      reason: this.#reason,
      child: this.#child,
      tail: this.#tail.text,
    });
    this.unref();
    const { thrown, reject } = this.#question ?? {};
    this.#question = undefined;
    reject?.(thrown ? thrown.error : this.#death);
    this.#settleGone();
  }
}

function resultOf(answer: Answer): JobResult {
  if (answer.type === 'result') return answer.result;
  if (answer.type === 'ready') throw new NigaoeError('internal', 'internal: a job was answered with ready');
  const error = fromFailure(answer.failure);
  if (answer.cause) error.cause = answer.cause;
  throw error;
}
