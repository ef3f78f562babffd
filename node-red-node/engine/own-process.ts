// The process of an own bridge: started with a token that only it and this program know, and ended without a trace.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { unlessCancelled } from '../../shared/bridge/client/wait.js';
import { type Failure, fromFailure, NigaoeError } from '../../shared/errors.js';
import type { Core } from './core.js';

export interface OwnSettings {
  /** Folder of models; undefined: the core's own default. */
  home: string | undefined;
  /** Seconds without a job after which the drawing process gives its memory back; undefined: the core's own default. */
  idleS: number | undefined;
}

/** After the end of its input, and again after SIGTERM; together less than the 15 s that Node-RED gives. */
const GRACE_MS = 4_000;
/** Enough for the last words of a stack trace, in characters. */
const TAIL_LENGTH = 2_000;

/** A started process. Its input stays open as long as this program lives: where it ends, however it ends, the process does too. */
export class OwnProcess {
  readonly token = `nigaoe_${randomBytes(32).toString('base64url')}`;
  /** The port that it listens on; rejects with why it ended before. */
  readonly port: Promise<number>;
  /** Settles when it has ended, with how and with its last words. */
  readonly ended: Promise<NigaoeError>;
  readonly #child: ChildProcessWithoutNullStreams;
  #gone = false;
  #told: Failure | undefined;
  #tail = '';

  constructor({ main }: Core, settings: OwnSettings) {
    this.#child = spawn(process.execPath, [main, ...flagsOf(settings)], {
      env: withoutInspector(process.env),
      windowsHide: true,
    });
    this.ended = this.#untilEnd();
    this.port = this.#untilListening();
    // Where nobody asks for the port any more, its loss is no unhandled rejection.
    this.port.catch(() => undefined);
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#tail = (this.#tail + text).slice(-TAIL_LENGTH);
    });
    const { stdin, stdout, stderr } = this.#child;
    // A process that is gone reads and writes nothing; its end is told elsewhere.
    for (const stream of [stdin, stdout, stderr]) stream.on('error', () => undefined);
    stdin.write(`${JSON.stringify({ token: this.token })}\n`);
  }

  /** Asks it to end, tells it to, and ends it. */
  async close(): Promise<void> {
    this.#child.stdin.end();
    if (await this.#endsWithin(GRACE_MS)) return;
    this.#child.kill('SIGTERM');
    if (await this.#endsWithin(GRACE_MS)) return;
    this.#child.kill('SIGKILL');
    await this.#endsWithin(GRACE_MS);
  }

  async #endsWithin(ms: number): Promise<boolean> {
    const limit = AbortSignal.timeout(ms);
    await unlessCancelled(this.ended, limit).catch(() => undefined);
    return this.#gone;
  }

  async #untilEnd(): Promise<NigaoeError> {
    const child = this.#child;
    const reason = await new Promise<string>((resolve) => {
      child.on('error', ({ message }) => resolve(message));
      child.once('exit', (code, signal) => {
        const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
        // 'close' comes after the last of the output, but not while a process of its own holds that open.
        child.once('close', () => resolve(how));
        setTimeout(() => resolve(how), DRAIN_MS);
      });
    });
    this.#gone = true;
    return this.#death(reason);
  }

  #death(reason: string): NigaoeError {
    if (this.#told !== undefined) return fromFailure(this.#told);
    const words = lastLine(this.#tail);
    const said = words === '' ? '' : `: ${words}`;
    return new NigaoeError('unreachable', `The engine's own bridge has ended (${reason})${said}`);
  }

  async #untilListening(): Promise<number> {
    const listening = new Promise<number>((resolve) => {
      const lines = createInterface({ input: this.#child.stdout });
      lines.on('error', () => undefined);
      lines.on('line', (line) => {
        const port = this.#read(line);
        if (port !== undefined) resolve(port);
      });
    });
    const ended = this.ended.then((why) => {
      throw why;
    });
    return Promise.race([listening, ended]);
  }

  /** A line of its output: events, or at its end why it failed. */
  #read(line: string): number | undefined {
    const said = parsed(line);
    if (said.status === 'failed' && said.error !== undefined) this.#told = said.error;
    return said.event === 'listening' ? said.port : undefined;
  }
}
const DRAIN_MS = 300;

function flagsOf({ home, idleS }: OwnSettings): string[] {
  const flags = ['serve', '--child', '--json', '--port', '0'];
  if (home !== undefined) flags.push('--home', home);
  if (idleS !== undefined) flags.push('--idle', String(idleS));
  return flags;
}

/** The environment without flags that would have the process wait for a debugger or fight for its port. */
function withoutInspector({ NODE_OPTIONS: flags, ...others }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (flags === undefined) return others;
  return { ...others, NODE_OPTIONS: flags.replace(/(^|\s)--inspect(-port\s+\S+|\S*)/g, '') };
}

interface Said {
  event?: string;
  port?: number;
  status?: string;
  error?: Failure;
}

function parsed(line: string): Said {
  try {
    return (JSON.parse(line) as Said | null) ?? {};
  } catch {
    return {};
  }
}

/** The line of an error rather than those of its stack. */
function lastLine(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const told = lines.findLast((line) => /error/i.test(line) && !/^\s+at /.test(line)) ?? lines.at(-1);
  return (told ?? '').trim().slice(0, 300);
}
