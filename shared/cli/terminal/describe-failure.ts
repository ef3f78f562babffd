// A failure as the user reads it: what is wrong, how to repair it, and a stack only where it helps.

import type { NigaoeError } from '../../errors.js';

const REPORT =
  'This is a mistake in nigaoe: please report it with this message, the output of `nigaoe doctor --json` and of NIGAOE_DEBUG=1.';

/** Message and hint, one line each; `subject` goes before a message that does not name it. */
export function describeFailure(error: NigaoeError, subject?: string): string {
  const named = subject === undefined || error.message.includes(subject);
  const message = named ? error.message : `${subject}: ${error.message}`;
  const hint = error.hint ?? (error.code === 'internal' ? REPORT : undefined);
  const lines = [`nigaoe: ${message}`, ...(hint === undefined ? [] : [`  ${hint}`])];
  return [...lines, ...(process.env.NIGAOE_DEBUG === '1' ? stacks(error) : [])].join('\n');
}

function stacks(error: Error): string[] {
  const cause = error.cause instanceof Error ? ['Caused by:', ...stacks(error.cause)] : [];
  return [error.stack ?? error.message, ...cause];
}
