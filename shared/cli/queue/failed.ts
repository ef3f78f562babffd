// `nigaoe queue failed`: the drawings that were given up.

import type { FailedDrawing } from '../../bridge/fleet/given-up.js';
import type { FlagValues } from '../flags.js';
import type { Stage } from '../perform.js';
import { minute, table } from '../terminal/wording.js';
import { answered, withQueue } from './attach.js';

/** Prints a row and the reason for each; a JSON line each with `--json`. */
export async function listFailed(flags: FlagValues, { terminal, signal }: Stage): Promise<number> {
  return withQueue(flags, async (inspector) => {
    const drawings = await answered(inspector.failed(), signal);
    for (const drawing of drawings) terminal.jsonOnly(drawing);
    if (terminal.json) return 0;
    if (drawings.length === 0) terminal.notice('No drawing was given up.');
    else terminal.result(describe(drawings), {});
    if (drawings.some(({ hasPhoto }) => hasPhoto))
      terminal.notice(
        '`nigaoe queue retry ID` or --all has them drawn again, once what is wrong is repaired.',
      );
    return 0;
  });
}

const HEADER = ['ID', 'LANE', 'TRIES', 'GIVEN UP', 'PHOTO', 'NAME'];

/** Below each row what happened, and what was asked for. */
function describe(drawings: readonly FailedDrawing[]): string {
  const [header, ...rows] = table([HEADER, ...drawings.map(rowOf)]).split('\n');
  return [header, ...rows.flatMap((row, at) => [row, ...notes(drawings[at])])].join('\n');
}

const rowOf = ({ id, lane, tries, failedAt, hasPhoto, name = '' }: FailedDrawing): string[] => [
  id,
  lane,
  String(tries),
  minute(failedAt),
  hasPhoto ? 'kept' : 'gone',
  // One row, whatever the name is.
  name.replace(/\s+/g, ' '),
];

function notes({ failure: { message, cause, hint }, options }: FailedDrawing): string[] {
  const reason = cause instanceof Error && !message.includes(cause.message) ? [cause.message] : [];
  const wishes = Object.entries(options).map(([name, value]) => `${name} ${shown(value)}`);
  const advice = hint === undefined ? [] : [hint];
  return [message, ...reason, ...advice, wishes.join(', ')]
    .filter((note) => note !== '')
    .map((note) => `  ${note.replace(/\n/g, '\n  ')}`);
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
