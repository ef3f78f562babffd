// What ffmpeg's last words mean to the user.

import { NigaoeError } from '../errors.js';
import { unwritable } from '../outputs/unwritable.js';
import type { Ending } from './program.js';

/** Says nothing that the line before did not say better. */
const IDLE =
  /^(Conversion failed!|Error (writing trailer|while (processing|filtering|opening))|.*Last message repeated)/i;

/** The line that tells most, without the address of the part of ffmpeg that said it. */
export function tellingLine(lines: readonly string[]): string {
  const told = lines.filter((line) => !IDLE.test(line)).at(-1) ?? lines.at(-1) ?? 'it said nothing';
  return told
    .replace(/^\[[^\]]*\]\s*/, '')
    .replace(/^(\[[^\]]*\]\s*)+/, '')
    .trim();
}

/** ffmpeg could not write: a full disk told as such, everything else in its own words. */
export function notWritten(out: string, { signal, lines }: Ending): NigaoeError {
  if (lines.some((line) => /No space left on device/i.test(line))) return unwritable(out, 'ENOSPC');
  if (lines.some((line) => /Permission denied/i.test(line))) return unwritable(out, 'EACCES');
  const how = signal === null ? tellingLine(lines) : `it was ended by ${signal}`;
  return new NigaoeError('program-failed', `Expected ffmpeg to write ${out} but it ended: ${how}`, {
    hint: 'An ffmpeg that has libx264 and libvpx writes all formats; `ffmpeg -encoders` lists them.',
    cause: new Error(lines.join('\n')),
  });
}

/** ffmpeg could not read the film. */
export function notRead(name: string, { signal, lines }: Ending): NigaoeError {
  const how = signal === null ? tellingLine(lines) : `ffmpeg was ended by ${signal}`;
  return new NigaoeError('photo-unreadable', `Expected to read ${name} but cannot: ${how}`, {
    hint: 'Check that it was copied completely, and that a player shows it.',
    cause: new Error(lines.join('\n')),
  });
}
