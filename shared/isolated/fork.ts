// Starts the child of a drawing process: apart from the parent's flags and output, and never outliving it.

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ENTRY = fileURLToPath(new URL('child.js', import.meta.url));

// Of the parent's flags only those about memory and network are for the child too: a debugger's port is taken, and the
// hooks of a test runner or a loader are not its own.
const PASSED_ON =
  /^--(max[-_]old[-_]space[-_]size=\d+|use-(system|openssl|bundled)-ca|dns-result-order=\w+|tls-m(in|ax)-v1\.\d)$/;

/** Forks the child; it is killed when this process exits before it. */
export function forkChild(): ChildProcess {
  const child = fork(ENTRY, [], {
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: process.execArgv.filter((flag) => PASSED_ON.test(flag)),
    env: withoutInspector(process.env),
    // A group of its own: Ctrl-C reaches the whole group of the terminal, and would end a child that has not loaded yet
    // together with the job that the parent means to finish. On Windows this would open a window instead.
    detached: process.platform !== 'win32',
  });
  killWithParent(child);
  return child;
}

/** The environment without the flags that would have the child wait for a debugger or fight for its port. */
function withoutInspector(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: flags, ...others } = env;
  if (flags === undefined) return others;
  return { ...others, NODE_OPTIONS: flags.replace(/(^|\s)--inspect(-port\s+\S+|\S*)/g, '') };
}

const alive = new Set<ChildProcess>();

// A parent that calls process.exit, or dies of an exception, leaves no network computing for nobody: a child inside one
// hears of the closed channel only when it is through. One listener for all, because one per child would add up.
function killWithParent(child: ChildProcess): void {
  if (alive.size === 0) process.on('exit', killAll);
  alive.add(child);
  for (const end of ['exit', 'error'] as const) child.once(end, () => forget(child));
}

function forget(child: ChildProcess): void {
  alive.delete(child);
  if (alive.size === 0) process.off('exit', killAll);
}

function killAll(): void {
  for (const child of alive) child.kill('SIGKILL');
}
