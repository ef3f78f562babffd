// The one place where the page says that something went wrong, and what to do.

import { asFailure } from '../../errors.js';
import { withLabels } from '../protocol/words.js';
import { ended, find, make, sentence, show } from './dom.js';

const box = find('alert', HTMLDivElement);

export function showFailure(error: unknown): void {
  const failure = asFailure(error);
  const { message, hint } = OWN_WORDS[failure.code] ?? failure;
  tell('failure', withLabels(message), withLabels(hint ?? ''));
}
/** What programs are told helps nobody who looks at a page. */
const OWN_WORDS: Partial<Record<string, { message: string; hint: string }>> = {
  unauthorised: {
    message: 'The bridge no longer knows this page',
    hint: 'It was started anew, or the pairing was revoked: enter the six digits that `nigaoe serve` shows, or open the address with the key that it printed.',
  },
  unreachable: {
    message: 'The bridge does not answer',
    hint: 'Start it again in a terminal with `npx @nigaoe/nigaoe serve`; this page then goes on by itself.',
  },
};

/** Nothing went wrong, but something was not done. */
export function showNote(message: string, hint: string): void {
  tell('note', message, hint);
}

export function clearFailure(): void {
  show(box, false);
  box.replaceChildren();
}

function tell(tone: 'failure' | 'note', message: string, hint: string): void {
  const close = make('button', { type: 'button', className: 'close', ariaLabel: 'Dismiss' }, '×');
  close.addEventListener('click', clearFailure);
  const told = make('p', {}, make('strong', {}, ...sentence(ended(message))));
  box.replaceChildren(make('div', {}, told, make('p', {}, ...sentence(ended(hint)))), close);
  box.dataset.tone = tone;
  show(box, true);
}
