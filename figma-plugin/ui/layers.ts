// The layers of a batch with their progress, and the buttons that fit.

import type { LayerProgress, LayerState } from '../messages.js';
import { element, make, show } from './element.js';

const WORDS: Record<LayerState, string> = {
  waiting: 'Waiting',
  reading: 'Reading',
  drawing: 'Drawing',
  done: 'Done',
  failed: 'Failed',
  skipped: 'Skipped',
  cancelled: 'Cancelled',
};

export function showLayers(layers: readonly LayerProgress[], running: boolean): void {
  const list = element('layers', HTMLElement);
  list.replaceChildren(...layers.map(line));
  show('layers', layers.length > 0);
  if (layers.length > 0) show('problems', false);
  showRunning(running);
  list.querySelector('[data-state="drawing"]')?.scrollIntoView({ block: 'nearest' });
}

/** Cancel takes the place of the other buttons while a batch runs. */
function showRunning(running: boolean): void {
  const had = document.activeElement;
  show('cancel', running);
  show('go', !running);
  show('restore', !running);
  if (running && (had === document.body || had?.id === 'go')) element('cancel', HTMLButtonElement).focus();
  if (!running && had?.id === 'cancel') element('go', HTMLButtonElement).focus();
}

function line({ name, state, fraction, sentence }: LayerProgress): HTMLElement {
  const working = state === 'drawing' || state === 'reading';
  const word = working ? (sentence ?? WORDS[state]) : WORDS[state];
  const percent = state === 'drawing' && fraction > 0 ? ` ${Math.round(fraction * 100)}%` : '';
  const top = make('div', { className: 'line' }, make('span', { className: 'title', title: name }, name));
  top.append(make('span', { className: 'state' }, word + percent));
  const item = make('li', {}, top);
  item.dataset.state = state;
  if (working) item.append(make('progress', { max: 1, value: fraction }));
  else if (sentence !== undefined) item.append(make('div', { className: 'why' }, sentence));
  return item;
}
