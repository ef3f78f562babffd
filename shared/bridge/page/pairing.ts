// The form that connects the page: it takes the pairing code, or a token where the bridge trades no codes.

import { asFailure } from '../../errors.js';
import type { BridgeClient } from '../client.js';
import { ended, find, sentence, show } from './dom.js';
import { clientWith, pairPage } from './session.js';

const form = find('pair-form', HTMLFormElement);
const input = find('pair-code', HTMLInputElement);
const said = find('pair-error', HTMLParagraphElement);

/** Hears of each client that the form has connected. */
export function listenForPairing(onPaired: (client: BridgeClient) => Promise<void>): void {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    try {
      said.replaceChildren();
      const paired = await pairPage(input.value);
      input.value = '';
      await onPaired(paired);
    } catch (error) {
      refuse(error);
    }
  });
}

/** Shows the form; above the workspace where that is there already. */
export async function showPairing(): Promise<void> {
  show(find('pairing', HTMLElement), true);
  askFor('code');
  focusPairing();
  const health = await clientWith(undefined, 0)
    .health()
    .catch(() => undefined);
  // Older bridges do not say so.
  if (health?.pairing === false) askFor('token');
}

export function hidePairing(): void {
  show(find('pairing', HTMLElement), false);
  said.replaceChildren();
}

export function focusPairing(): void {
  input.focus();
}

function askFor(secret: 'code' | 'token'): void {
  const { label, hint, placeholder } = WORDS[secret];
  find('pair-label', HTMLLabelElement).textContent = label;
  find('pair-hint', HTMLParagraphElement).replaceChildren(...sentence(hint));
  input.placeholder = placeholder;
  input.inputMode = secret === 'code' ? 'numeric' : 'text';
  input.autocomplete = secret === 'code' ? 'one-time-code' : 'off';
  input.className = secret === 'code' ? 'digits' : '';
}
const WORDS = {
  code: {
    label: 'Pairing code',
    hint: 'Enter the six digits that `nigaoe serve` shows in its terminal. They work once, for three minutes: press Enter there for new ones. A token of `nigaoe tokens create` will do too.',
    placeholder: '000 000',
  },
  token: {
    label: 'Token',
    hint: 'This bridge pairs nobody by code. Run `nigaoe tokens create page` on its computer, and enter the token that it shows.',
    placeholder: 'nigaoe_…',
  },
};

function refuse(error: unknown): void {
  const { code, message, hint = '' } = asFailure(error);
  const told = code === 'unauthorised' ? UNKNOWN_TOKEN : `${ended(message)} ${ended(hint)}`;
  said.replaceChildren(...sentence(told.trim()));
  input.select();
}
const UNKNOWN_TOKEN =
  'The bridge does not know this token. It may have been revoked: `nigaoe tokens create page` makes another.';
