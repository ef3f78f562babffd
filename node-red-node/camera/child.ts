// A program with all that it starts in turn: a script in front of ffmpeg must not leave ffmpeg behind.

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import path from 'node:path';
import type { Readable } from 'node:stream';

export type Child = ChildProcessByStdio<null, Readable, Readable>;

/** Those that run, or have left somebody behind who holds their output open. */
const running = new Set<Child>();

/** Starts a program, never through a shell. It ends with `endChild`, or when Node-RED ends. */
export function startChild(program: string, values: readonly string[]): Child {
  const child = spawn(program, values, {
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: false,
    windowsHide: true,
    // A process group of its own, which can be ended as a whole. Windows knows whose child a process is.
    detached: process.platform !== 'win32',
  });
  if (running.size === 0) process.once('exit', endAll);
  running.add(child);
  child.once('close', () => forget(child));
  child.once('error', () => child.pid === undefined && forget(child));
  return child;
}

/** Ends it, with all that it has started; what is still on its way from them is lost. */
export function endChild(child: Child): void {
  if (running.has(child)) killAll(child);
  // Else one that got away would hold them open.
  child.stdout.destroy();
  child.stderr.destroy();
}

function forget(child: Child): void {
  running.delete(child);
  if (running.size === 0) process.removeListener('exit', endAll);
}

function endAll(): void {
  for (const child of running) killAll(child);
}

function killAll(child: Child): void {
  const { pid } = child;
  if (pid === undefined) return;
  if (process.platform === 'win32') killTree(child, pid);
  else killGroup(pid);
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All of them have ended by themselves.
  }
}

function killTree(child: Child, pid: number): void {
  const taskkill = path.join(process.env.SystemRoot ?? 'C:\\Windows', 'System32', 'taskkill.exe');
  const killer = spawn(taskkill, ['/pid', String(pid), '/t', '/f'], { stdio: 'ignore', windowsHide: true });
  killer.on('error', () => child.kill());
}
