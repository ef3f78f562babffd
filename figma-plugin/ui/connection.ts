// The light of the connection, and what to do while it is not green.

import type { Connection } from '../messages.js';
import { element, make, show } from './element.js';
import { showView } from './view.js';

const WORDS: Record<Connection['state'], string> = {
  connecting: 'Connecting…',
  connected: 'Connected',
  unpaired: 'Not paired',
  unreachable: 'Not connected',
};

export function showConnection(connection: Connection): void {
  const { state } = connection;
  element('light', HTMLButtonElement).dataset.state = state;
  element('light-text', HTMLElement).textContent = WORDS[state];
  show('connecting', state === 'connecting');
  show('pairing', state === 'unpaired');
  show('unreachable', state === 'unreachable');
  show('connected', state === 'connected');
  if (connection.state === 'unpaired') askForCode(connection.sentence);
  if (connection.state === 'unreachable') explain(connection);
  if (connection.state === 'connected') greet(connection.health.version);
}

function askForCode(sentence: string): void {
  const place = element('pairing-sentence', HTMLElement);
  place.textContent = sentence;
  place.dataset.tone = 'info';
  showView('connect');
  const code = element('code', HTMLInputElement);
  code.value = '';
  code.focus();
}

function explain({ sentence, steps }: Extract<Connection, { state: 'unreachable' }>): void {
  element('unreachable-sentence', HTMLElement).textContent = sentence;
  const items = steps.map((step) => make('li', {}, step));
  element('unreachable-steps', HTMLElement).replaceChildren(...items);
  showView('connect');
}

function greet(version: string): void {
  element('connected-sentence', HTMLElement).textContent =
    `nigaoe ${version} on this computer draws. Your images stay on it.`;
}
