// ffmpeg and ffprobe as child processes: never through a shell, in a process group of their own, ended with this process.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { codeOf, NigaoeError } from '../errors.js';

export type Tool = 'ffmpeg' | 'ffprobe';

/** How a program ended. */
export interface Ending {
  exitCode: number | null;
  /** What ended it, where it did not end by itself. */
  signal: NodeJS.Signals | null;
  /** What it said on stderr, line by line; the last ones. */
  lines: readonly string[];
}

/** A running program. */
export interface Program {
  readonly stdin: ChildProcessWithoutNullStreams['stdin'];
  readonly stdout: ChildProcessWithoutNullStreams['stdout'];
  /** Settles when it has ended and nobody holds its output any more. Throws `program-missing` for one that is not there. */
  readonly ended: Promise<Ending>;
  /** Ends it at once, and waits until it is gone. */
  kill(): Promise<void>;
}

const MOST_LINES = 40;
/** The command of a tool: NIGAOE_FFMPEG names ffmpeg, and ffprobe lies beside it. */
export function commandOf(tool: Tool): string {
  const named = process.env.NIGAOE_FFMPEG;
  if (named === undefined || named === '') return tool;
  return tool === 'ffmpeg' ? named : named.replace(/ffmpeg(?=[^\\/]*$)/i, 'ffprobe');
}

/** Starts a tool. What it writes to stderr is kept for sentences. */
export function start(tool: Tool, values: readonly string[]): Program {
  const command = commandOf(tool);
  const child = spawn(command, values, {
    stdio: 'pipe',
    windowsHide: true,
    // Ctrl-C reaches the whole group of the terminal: this process decides when they end, and in which order.
    detached: process.platform !== 'win32',
  });
  endWithParent(child);
  // A program that ends early closes its input; how it ended says more.
  child.stdin.on('error', () => undefined);
  const lines = linesOf(child);
  const ended = new Promise<Ending>((resolve, reject) => {
    child.once('error', (error) => reject(missing(tool, command, error)));
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal, lines }));
  });
  ended.catch(() => undefined);
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    ended,
    async kill() {
      child.kill('SIGKILL');
      child.stdout.destroy();
      await ended.catch(() => undefined);
    },
  };
}

/** Runs a tool to its end and takes all that it writes to stdout. */
export async function runToEnd(
  tool: Tool,
  values: readonly string[],
  signal?: AbortSignal,
): Promise<Ending & { text: string }> {
  const program = start(tool, values);
  const stop = () => void program.kill();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    program.stdin.end();
    const chunks: Buffer[] = [];
    program.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    return { ...(await program.ended), text: Buffer.concat(chunks).toString() };
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function linesOf(child: ChildProcessWithoutNullStreams): string[] {
  const lines: string[] = [];
  let open = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const parts = (open + text).split(/[\r\n]+/);
    open = (parts.pop() ?? '').slice(-1000);
    lines.push(...parts.filter((part) => part.trim() !== ''));
    lines.splice(0, lines.length - MOST_LINES);
  });
  child.stderr.on('end', () => open.trim() !== '' && lines.push(open));
  return lines;
}

function missing(tool: Tool, command: string, error: Error): NigaoeError {
  const reason = codeOf(error) === 'ENOENT' ? 'there is none' : error.message;
  const where = command === tool ? 'on the PATH' : `at ${command}`;
  return new NigaoeError('program-missing', `Expected ${tool} ${where} but ${reason}`, {
    hint: `${HOW_TO_INSTALL[process.platform] ?? 'Install FFmpeg: https://ffmpeg.org/download.html'}; or name the ffmpeg to take in NIGAOE_FFMPEG.`,
    cause: error,
  });
}

const HOW_TO_INSTALL: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'Install FFmpeg: sudo apt install ffmpeg, or sudo dnf install ffmpeg',
  darwin: 'Install FFmpeg: brew install ffmpeg',
  win32: 'Install FFmpeg: winget install ffmpeg',
};

const running = new Set<ChildProcessWithoutNullStreams>();

function endWithParent(child: ChildProcessWithoutNullStreams): void {
  if (running.size === 0) process.on('exit', killAll);
  running.add(child);
  for (const end of ['close', 'error'] as const) child.once(end, () => forget(child));
}

function forget(child: ChildProcessWithoutNullStreams): void {
  running.delete(child);
  if (running.size === 0) process.off('exit', killAll);
}

function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}
