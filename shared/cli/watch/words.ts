// What `nigaoe watch` says besides the photos: a line for people, or an object for programs.

import type { NigaoeError } from '../../errors.js';
import type { Stage } from '../perform.js';
import { count, seconds } from '../terminal/wording.js';

export type WatchEvent =
  | {
      event: 'watching';
      in: string;
      out: string;
      style: string;
      drawn: number;
      waiting: number;
      left: number;
    }
  | { event: 'gone' | 'back'; folder: string }
  | { event: 'closed'; folder: string; reason: string }
  | { event: 'foreign'; input: string }
  | { event: 'deaf'; reason: string; everyMs: number }
  | { event: 'moved'; input: string; to: string }
  | { event: 'stuck'; input: string; error: NigaoeError }
  | { event: 'waiting'; error: NigaoeError }
  | { event: 'resumed' }
  | { event: 'locked'; out: string }
  | { event: 'journal'; path: string; damagedLines: number }
  | { event: 'stopped'; drawn: number; failed: number };

/** Tells what happened. */
export function tell({ terminal }: Stage, event: WatchEvent): void {
  terminal.jsonOnly(event);
  const line = terminal.json ? undefined : lineOf(event);
  if (line !== undefined) terminal.notice(line);
}

/** Undefined where the line of the photo says it. */
function lineOf(event: WatchEvent): string | undefined {
  switch (event.event) {
    case 'watching':
      return `Watching ${event.in} -> ${event.out} in the style ${event.style}: ${stock(event)}`;
    case 'gone':
      return `${event.folder} is gone: waiting for it to come back`;
    case 'back':
      return `${event.folder} is back`;
    case 'closed':
      return `${event.folder} cannot be looked into: ${event.reason}`;
    case 'foreign':
      return `${event.input} is left alone: nigaoe reads JPEG, PNG, WebP, AVIF, TIFF and GIF`;
    case 'deaf':
      return `The system tells of no changes (${event.reason}): looking every ${seconds(event.everyMs)} instead`;
    case 'moved':
      return undefined;
    case 'stuck':
      return `${event.input} stays where it is. ${event.error.message}`;
    case 'waiting':
      return [event.error.message, event.error.hint, 'Photos wait until it can be written'].join('\n  ');
    case 'resumed':
      return 'Results can be written again';
    case 'locked':
      return `Another watcher draws into ${event.out}, or was killed just now: waiting to see which`;
    case 'journal':
      return `${count(event.damagedLines, 'line')} of ${event.path} cannot be read: results that are there count as drawn`;
    case 'stopped':
      return `${count(event.drawn, 'photo')} drawn, ${event.failed} failed`;
  }
}

function stock({ drawn, waiting, left }: { drawn: number; waiting: number; left: number }): string {
  if (left > 0) return `${count(left, 'photo')} left alone`;
  return drawn + waiting === 0 ? 'no photos yet' : `${drawn} drawn already, ${waiting} to draw`;
}
