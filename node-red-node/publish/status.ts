// What stands under a publish node in the editor.

import type { NodeStatus } from 'node-red';
import type { NigaoeError } from '../../shared/errors.js';
import type { TargetNews } from './target.js';

export type Translate = (key: string, values?: Record<string, string | number>) => string;

/** The way to the target. */
export function lookOfNews(news: TargetNews, translate: Translate): NodeStatus {
  if (news.state === 'refused' || news.state === 'unable') return lookOfFailure(news.failure, translate);
  if (news.state === 'away') return { fill: 'yellow', shape: 'ring', text: awayText(news, translate) };
  if (news.state === 'ready') return { fill: 'green', shape: 'dot', text: translate('connected') };
  return { fill: 'yellow', shape: 'ring', text: translate('connecting') };
}

export const lookOfWork = (translate: Translate): NodeStatus => ({
  fill: 'blue',
  shape: 'dot',
  text: translate('publishing'),
});

export const lookOfSuccess = (at: string, translate: Translate): NodeStatus => ({
  fill: 'green',
  shape: 'dot',
  // Local time, 24 hours, as short in every language.
  text: translate('published', { time: new Date(at).toTimeString().slice(0, 8) }),
});

export const lookOfFailure = ({ code }: NigaoeError, translate: Translate): NodeStatus => ({
  fill: 'red',
  shape: 'ring',
  text: translate(NAMED.has(code) ? `error.${code}` : 'error.other'),
});
/** Codes with words of their own in the locales. */
const NAMED = new Set<string>([
  'options',
  'photo-unreadable',
  'photo-too-large',
  'unauthorised',
  'forbidden',
  'unreachable',
  'not-found',
  'conflict',
  'busy',
  'output-unwritable',
]);

function awayText({ waiting, skipped }: { waiting: boolean; skipped: number }, translate: Translate): string {
  if (skipped > 0) return translate('skipped', { count: skipped });
  return translate(waiting ? 'waiting' : 'away');
}
