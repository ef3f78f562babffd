// Where a file of a model can come from, in the order in which the places are asked.

import path from 'node:path';
import type { ModelFile } from '../entry.js';
import type { Mirror, StoreSettings } from './settings.js';

/** One place that may hold a file: on disk or on the web. */
export type Source = { kind: 'folder'; path: string } | { kind: 'web'; url: string };

/** What a source did wrong, and what that means for the next step. */
export class SourceFailure extends Error {
  /**
   * `retry`: may go well a moment later; `absent`: not there; `unfit`: offers another file, nothing of it was taken;
   * `unresolved`: its name leads nowhere from here; `wrong`: what was taken does not add up to the file.
   */
  readonly verdict: 'retry' | 'absent' | 'unfit' | 'unresolved' | 'wrong';
  /** How long the source asked to be left alone. */
  readonly retryAfterMs: number;

  constructor(
    verdict: SourceFailure['verdict'],
    message: string,
    { retryAfterMs = 0, cause }: { retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.name = 'SourceFailure';
    this.verdict = verdict;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The mirror first, then the published addresses; offline only what lies on a disk. */
export function sourcesOf(
  file: ModelFile,
  { mirror, offline }: Pick<StoreSettings, 'mirror' | 'offline'>,
): Source[] {
  const published = file.urls.map((url): Source => ({ kind: 'web', url }));
  const all = mirror === undefined ? published : [inMirror(mirror, file.name), ...published];
  return offline ? all.filter((source) => source.kind === 'folder') : all;
}

/** The source for messages: without query, fragment or password, which may be secrets. */
export function nameOf(source: Source): string {
  if (source.kind === 'folder') return source.path;
  if (!URL.canParse(source.url)) return 'an address that is no URL';
  const { protocol, host, pathname } = new URL(source.url);
  return `${protocol}//${host}${pathname}`;
}

function inMirror(mirror: Mirror, name: string): Source {
  if (mirror.kind === 'folder') return { kind: 'folder', path: path.join(mirror.folder, name) };
  // Only the path grows, so that a mirror behind a `?token=` works.
  const url = new URL(mirror.base);
  url.pathname = `${url.pathname.replace(/\/*$/, '')}/${encodeURIComponent(name)}`;
  return { kind: 'web', url: url.href };
}
