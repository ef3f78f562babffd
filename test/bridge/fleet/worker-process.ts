// Workers that are started, killed and started again.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface WorkerSettings {
  url: string;
  space: string;
  drawMs: number;
  lockMs: number;
  hands?: number;
}

export class WorkerProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves when it has signed in. */
  static async start({ url, space, drawMs, lockMs, hands = 1 }: WorkerSettings): Promise<WorkerProcess> {
    const file = fileURLToPath(new URL('./worker-main.js', import.meta.url));
    const child = fork(file, [url, space, `${drawMs}`, `${lockMs}`, `${hands}`]);
    await Promise.race([once(child, 'message'), once(child, 'exit')]);
    return new WorkerProcess(child);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Resolves with the exit code when it has gone. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#child.exitCode;
    this.#child.kill(signal);
    const [code] = (await once(this.#child, 'exit')) as [number | null];
    return code;
  }
}
