// What is selected, in the words of the buttons and in sentences.

import type { SelectionSummary, Settings } from '../messages.js';
import { element, make, show } from './element.js';

let last: SelectionSummary | undefined;

/** Without settings, before the first catalogue, nothing can be drawn yet. */
export function showSelection(summary: SelectionSummary, settings: Settings | undefined): void {
  last = summary;
  const count = settings?.handling.source === 'seen' ? summary.roots : summary.layers;
  const go = element('go', HTMLButtonElement);
  go.disabled = settings === undefined || count === 0;
  go.textContent = count === 0 ? 'Stylize' : `Stylize ${count} ${count === 1 ? 'layer' : 'layers'}`;
  element('restore', HTMLButtonElement).disabled = summary.restorable === 0;
  showProblems(summary.problems);
}

/** When the user has chosen to draw something else of the same selection. */
export function refreshSelection(settings: Settings | undefined): void {
  if (last !== undefined) showSelection(last, settings);
}

/** Below the layers of a batch they would say what its rows say. */
function showProblems(problems: readonly string[]): void {
  const items = problems.map((problem) => make('li', {}, problem));
  element('problems', HTMLElement).replaceChildren(...items);
  show('problems', problems.length > 0 && element('layers', HTMLElement).hidden !== false);
}
