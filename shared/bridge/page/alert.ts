// The one place where the page says that something went wrong, and what to do.

import { asFailure } from '../../errors.js';
import { withLabels } from '../protocol/words.js';
import { ended, find, make, sentence, show } from './dom.js';
import { type TokenKind, tokenKind } from './session.js';

const box = find('alert', HTMLDivElement);

export function showFailure(error: unknown): void {
  const failure = asFailure(error);
  const { message, hint } = ownWords(failure.code) ?? failure;
  tell('failure', withLabels(message), withLabels(hint ?? ''));
}
/** What programs are told helps nobody who looks at a page. */
function ownWords(code: string): { message: string; hint: string } | undefined {
  const kind = tokenKind() ?? 'none';
  if (code === 'unauthorised')
    return { message: 'The bridge no longer knows this page', hint: UNKNOWN[kind] };
  if (code !== 'unreachable') return undefined;
  const start = 'Start it again in a terminal with `npx @nigaoe/nigaoe serve`';
  return { message: 'The bridge does not answer', hint: `${start}; ${GONE[kind]}` };
}
const STAYS = 'what stands on this page stays';
const UNKNOWN: Record<TokenKind | 'none', string> = {
  fleeting: `It was started anew. Connect the page again in the form below: ${STAYS}.`,
  lasting: `The pairing was revoked. Connect the page again in the form below: ${STAYS}.`,
  none: 'Connect it in the form below.',
};
/** A token that the key in the address was traded for ends with the bridge. */
const GONE: Record<TokenKind | 'none', string> = {
  fleeting: `the page then asks for the code that it shows, and ${STAYS}.`,
  lasting: 'this page then goes on by itself.',
  none: 'then connect this page.',
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
