// Times as people write them: `83.5`, `1:23.5`, `0:01:23.500`.

import { expected } from '../../errors.js';

const CLOCK = /^(?:(?:(\d+):)?([0-5]?\d):)?([0-5]?\d(?:\.\d*)?)$/;

/** Seconds of `--from` or `--to`; undefined where nothing is given. Throws `options`. */
export function parseTime(text: string, flag: string): number | undefined {
  if (text === '') return undefined;
  if (/^\d+(\.\d*)?$/.test(text)) return Number(text);
  const [, hours = '0', minutes = '0', seconds] = CLOCK.exec(text) ?? [];
  if (seconds === undefined) throw expected('seconds, or a time as 1:23.5 or 1:02:03.5', flag, text);
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}
