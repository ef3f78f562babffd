// A command that goes on by itself, as a user has it in a terminal: what it said so far, and ways to end it.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { CliWorld } from './cli-world.js';

const MAIN = fileURLToPath(new URL('../../shared/cli/main.js', import.meta.url));
const PATIENCE_MS = 20_000;

export class Running {
  stdout = '';
  stderr = '';
  readonly #child: ChildProcess;

  /** Starts `nigaoe` in the folder of a world. */
  constructor(world: CliWorld, args: readonly string[]) {
    const env = {
      ...process.env,
      NIGAOE_HOME: world.path('home'),
      NIGAOE_OFFLINE: '1',
      NIGAOE_MIRROR: undefined,
    };
    this.#child = spawn(process.execPath, [MAIN, ...args], { cwd: world.folder, env });
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString();
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
  }

  /** Lines of JSON so far. */
  get json(): Record<string, unknown>[] {
    const lines = this.stdout.split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Waits for words on stdout or stderr. */
  async says(words: string | RegExp): Promise<void> {
    await this.until(() => `${this.stdout}${this.stderr}`.search(words) >= 0, String(words));
  }

  /** Waits for something to be so. */
  async until(isSo: () => boolean, what: string): Promise<void> {
    const endMs = performance.now() + PATIENCE_MS;
    while (!isSo()) {
      if (performance.now() > endMs)
        throw new Error(`waited for ${what}, but:\n${this.stdout}\n${this.stderr}`);
      await pause(20);
    }
  }

  /** Sends a signal and waits for the end; the exit code, or null for one that was killed. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#child.exitCode;
    const closed = once(this.#child, 'close');
    this.#child.kill(signal);
    const [exitCode] = (await closed) as [number | null];
    return exitCode;
  }
}
