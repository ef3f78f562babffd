// The frame of every command: a terminal, a signal that Ctrl-C raises, and an exit code whatever happens.

import { FAILURES } from '../errors.js';
import { watchInterrupts } from './terminal/interrupts.js';
import { stdoutFate } from './terminal/streams.js';
import { Terminal, type TerminalFlags } from './terminal/terminal.js';

/** What a command works with. */
export interface Stage {
  terminal: Terminal;
  /** Raised by Ctrl-C or SIGTERM. */
  signal: AbortSignal;
}

/** Runs a command; `work` returns the exit code, and what it throws is told to the user. */
export async function perform(flags: TerminalFlags, work: (stage: Stage) => Promise<number>): Promise<void> {
  const terminal = new Terminal(flags);
  if (process.stderr.isTTY && flags.quiet !== true)
    terminal.attach(new (await import('./terminal/bar.js')).Bar());
  const interrupts = watchInterrupts((sentence) => terminal.notice(sentence));
  try {
    const exitCode = await work({ terminal, signal: interrupts.signal });
    // Results that could not be written are not done.
    process.exitCode =
      exitCode === 0 && stdoutFate.broken ? FAILURES['output-unwritable'].exitCode : exitCode;
  } catch (error) {
    process.exitCode = terminal.refuse(error);
  } finally {
    terminal.clear();
    interrupts.release();
  }
}
