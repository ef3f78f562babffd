// What is selected, in the words of the buttons and in sentences.

import type { SelectionSummary, Settings } from '../messages.js';
import { element, make, show } from './element.js';

let last: SelectionSummary | undefined;

export function showSelection(summary: SelectionSummary, settings: Settings): void {
  last = summary;
  const seen = settings.handling.source === 'seen';
  const count = seen ? summary.roots : summary.layers;
  const go = element('go', HTMLButtonElement);
  go.disabled = count === 0;
  go.textContent = count === 0 ? 'Stylize' : `Stylize ${count} ${count === 1 ? 'layer' : 'layers'}`;
  element('restore', HTMLButtonElement).disabled = summary.restorable === 0;
  showProblems(seen && count > 0 ? [] : summary.problems);
}

/** When the user has chosen to draw something else of the same selection. */
export function refreshSelection(settings: Settings): void {
  if (last !== undefined) showSelection(last, settings);
}

function showProblems(problems: readonly string[]): void {
  const items = problems.map((problem) => make('li', {}, problem));
  element('problems', HTMLElement).replaceChildren(...items);
  show('problems', problems.length > 0);
}
