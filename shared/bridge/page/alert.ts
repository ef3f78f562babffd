// The one place where the page says that something went wrong, and what to do.

import { asFailure } from '../../errors.js';
import { ended, find, make, sentence, show } from './dom.js';

const box = find('alert', HTMLDivElement);

export function showFailure(error: unknown): void {
  const { message, hint } = asFailure(error);
  const close = make('button', { type: 'button', className: 'close', ariaLabel: 'Dismiss' }, '×');
  close.addEventListener('click', clearFailure);
  const told = make('p', {}, make('strong', {}, ...sentence(ended(message))));
  box.replaceChildren(make('div', {}, told, make('p', {}, ...sentence(ended(hint ?? '')))), close);
  show(box, true);
}

export function clearFailure(): void {
  show(box, false);
  box.replaceChildren();
}
