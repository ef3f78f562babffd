// One layer in the list of a batch: its name, what it is doing or what became of it, and why.

import { withLabels } from '../../shared/bridge/protocol/words.js';
import type { LayerProgress, LayerState } from '../messages.js';
import { make } from './element.js';

const WORDS: Record<LayerState, string> = {
  waiting: 'Waiting',
  reading: 'Reading',
  drawing: 'Drawing',
  done: 'Done',
  failed: 'Failed',
  skipped: 'Skipped',
  cancelled: 'Cancelled',
};

export interface Row {
  item: HTMLElement;
  /** Id of the element that says why. */
  whyId: string;
  /** `saidAt` is the id of the element that says the same already. */
  show(layer: LayerProgress, saidAt: string | undefined): void;
}

export function openRow(id: string): Row {
  const whyId = `${id}-why`;
  const title = make('span', { className: 'title' });
  const state = make('span', { className: 'state' });
  const bar = make('progress', { max: 1 });
  const why = make('div', { className: 'why', id: whyId });
  const item = make('li', { className: 'layer' }, make('div', { className: 'line' }, title, state), bar, why);
  const show: Row['show'] = (layer, saidAt) => {
    const working = layer.state === 'drawing' || layer.state === 'reading';
    item.dataset.state = layer.state;
    Object.assign(title, { textContent: layer.name, title: layer.name });
    state.textContent = wordsFor(layer);
    Object.assign(bar, { value: layer.fraction, hidden: !working, ariaLabel: layer.name });
    const reason = working || saidAt !== undefined ? '' : withLabels(layer.sentence ?? '');
    Object.assign(why, { textContent: reason, hidden: reason === '' });
    if (saidAt === undefined || working) item.removeAttribute('aria-describedby');
    else item.setAttribute('aria-describedby', saidAt);
  };
  return { item, whyId, show };
}

function wordsFor({ state, fraction, sentence }: LayerProgress): string {
  const working = state === 'drawing' || state === 'reading';
  const percent = state === 'drawing' && fraction > 0 ? ` ${Math.round(fraction * 100)}%` : '';
  return (working ? (sentence ?? WORDS[state]) : WORDS[state]) + percent;
}
