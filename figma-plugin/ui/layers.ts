// The layers of a batch with their progress, and the buttons that fit.

import type { LayerProgress, LayerState } from '../messages.js';
import { element, show } from './element.js';
import { openRow, type Row } from './row.js';
import { speak } from './speak.js';

/** One for each layer; they stay while the layers change, so that nothing is read twice or loses its place. */
let rows: Row[] = [];
/** The layer that is in view, by its place in the list. */
let shown = -1;

export function showLayers(layers: readonly LayerProgress[], running: boolean): void {
  if (rows.length !== layers.length) renew(layers.length);
  for (const [index, layer] of layers.entries()) rows[index].show(layer, firstWith(layer, layers));
  show('layers', layers.length > 0);
  if (layers.length > 0) show('problems', false);
  follow(layers, running);
  showRunning(running);
}

function renew(count: number): void {
  rows = Array.from({ length: count }, (_, index) => openRow(`layer-${index}`));
  shown = -1;
  element('layers', HTMLElement).replaceChildren(...rows.map(({ item }) => item));
}

/** Where a sentence stands that several layers ended with; undefined at the first of them, which says it. */
function firstWith(layer: LayerProgress, layers: readonly LayerProgress[]): string | undefined {
  if (layer.sentence === undefined) return undefined;
  const first = layers.findIndex(({ state, sentence }) => !isWorking(state) && sentence === layer.sentence);
  return first < 0 || layers[first] === layer ? undefined : rows[first].whyId;
}

/** Keeps the layer in view that is drawn, and in the end the first that was not. */
function follow(layers: readonly LayerProgress[], running: boolean): void {
  const at = layers.findIndex(({ state }) => (running ? isWorking(state) : state === 'failed'));
  if (at < 0 || at === shown) return;
  shown = at;
  rows[at].item.scrollIntoView({ block: 'nearest' });
  if (running) speak(`Layer ${at + 1} of ${layers.length}: ${layers[at].name}`);
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

function isWorking(state: LayerState): boolean {
  return state === 'drawing' || state === 'reading';
}
