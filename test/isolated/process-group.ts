// Which processes a signal of the terminal reaches together.

import { readFileSync } from 'node:fs';

/** The process group, as Linux tells it. */
export function groupOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // After the name, which stands in brackets and may hold spaces: state, parent, group.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2];
}
