// Ctrl-C: the first asks the job to stop, the second ends the process.

import { FAILURES } from '../../errors.js';

interface Interrupts {
  signal: AbortSignal;
  /** Stops listening. */
  release(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Listens for SIGINT and SIGTERM until released. */
export function watchInterrupts(say: (sentence: string) => void): Interrupts {
  const controller = new AbortController();
  const onSignal = () => {
    // Unfinished files are removed by the listeners of `exit`.
    if (controller.signal.aborted) process.exit(FAILURES.cancelled.exitCode);
    controller.abort();
    say('Stopping; press Ctrl-C again to stop at once');
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}
