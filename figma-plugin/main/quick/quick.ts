// The commands that run without a window: a notice tells how far they are and can cancel them.

import type { NotificationHandler } from '@figma/plugin-typings/plugin-api-standalone.js';
import type { LayerProgress, Settings } from '../../messages.js';
import { drawSelection, type Outcome, sumUp } from '../batch/run-batch.js';
import { restore } from '../document/restore.js';
import type { Host } from '../host.js';
import { cancelRun, type Run } from '../running.js';
import { cut, fitName } from './cut.js';

export interface Words {
  words: string;
  /** Layers that were drawn. */
  drawn: number;
}

export async function quickStylize(run: Run, settings: Settings): Promise<Words> {
  const notice = openNotice(run);
  try {
    const outcome = await drawSelection(run, settings, (now) => notice.tell(noticeFor(now)));
    const drawn = outcome.layers.filter(({ state }) => state === 'done').length;
    return { words: wordsFor(outcome), drawn };
  } finally {
    notice.close();
  }
}

export async function quickRestore({ figma }: Host): Promise<string> {
  const { restored, problems } = await restore(figma, figma.currentPage.selection);
  if (restored > 0) figma.commitUndo();
  return restoredWords(restored, problems);
}

/** One line for the user. */
export function restoredWords(restored: number, problems: readonly string[]): string {
  if (restored + problems.length === 0) return 'Nothing that nigaoe drew is selected.';
  const sum = `${restored} ${restored === 1 ? 'layer' : 'layers'} restored.`;
  return [restored > 0 ? sum : undefined, ...problems.slice(0, 2)]
    .filter((part) => part !== undefined)
    .join(' ');
}

/** What was drawn, and the first thing that was not, or that is worth knowing. */
function wordsFor({ layers, leftOut }: Outcome): string {
  if (layers.length === 0) return leftOut[0];
  const sentences = [...layers]
    .sort((a, b) => Number(a.state === 'done') - Number(b.state === 'done'))
    .flatMap(({ sentence }) => sentence ?? []);
  const left = leftOut.length === 0 ? [] : [`${leftOut.length} left out: ${leftOut[0]}`];
  return [sumUp(layers), ...sentences.slice(0, 1), ...left].join(' ');
}

/** What happens to the layer that is worked on; undefined between two. */
function noticeFor(layers: readonly LayerProgress[]): string | undefined {
  const at = layers.findIndex(({ state }) => state === 'reading' || state === 'drawing');
  if (at < 0) return undefined;
  const { name, fraction, sentence = 'Reading' } = layers[at];
  const before = layers.length === 1 ? '' : `${at + 1} of ${layers.length}, `;
  const after = `: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}, ${Math.round(fraction * 100)} %`;
  return fitName(before, name, after);
}

/** Figma's notices cannot change their text: the old one goes when the next one comes. */
function openNotice(run: Run): { tell(text: string | undefined): void; close(): void } {
  let shown: { text: string; handler: NotificationHandler } | undefined;
  const cancel = (): void => void cancelRun(run);
  const tell = (text: string | undefined): void => {
    if (text === undefined || text === shown?.text) return;
    const button = { text: 'Cancel', action: cancel };
    const handler = run.host.figma.notify(cut(text), { timeout: Infinity, button });
    shown?.handler.cancel();
    shown = { text, handler };
  };
  return { tell, close: () => shown?.handler.cancel() };
}
