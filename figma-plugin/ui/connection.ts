// The light of the connection, and what to do while it is not green.

import type { Connection } from '../messages.js';
import { element, make, show } from './element.js';
import { speak } from './speak.js';
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

/** Whether the window asks for the code just now, so that what is said belongs there. */
export function asksForCode(): boolean {
  return !element('pairing', HTMLElement).hidden && !element('connect', HTMLElement).hidden;
}

/** The six digits, however they are grouped; undefined, with a sentence, where there are not six. */
export function readCode(): string | undefined {
  const input = element('code', HTMLInputElement);
  const digits = input.value.replace(/\D/g, '');
  if (digits.length === 6) return digits;
  sayInPairing('Type all six digits of the code.');
  input.select();
  return undefined;
}

export function sayInPairing(sentence: string): void {
  element('pairing-error', HTMLElement).textContent = sentence;
  element('code', HTMLInputElement).setAttribute('aria-invalid', String(sentence !== ''));
}

function askForCode(sentence: string): void {
  element('pairing-sentence', HTMLElement).textContent = sentence;
  sayInPairing('');
  showView('connect');
  const code = element('code', HTMLInputElement);
  code.value = '';
  code.focus();
}

function explain({ sentence, steps }: Extract<Connection, { state: 'unreachable' }>): void {
  element('unreachable-sentence', HTMLElement).textContent = sentence;
  const items = steps.map((step) => make('li', {}, ...withCommands(step)));
  element('unreachable-steps', HTMLElement).replaceChildren(...items);
  showView('connect');
  speak('');
}

function greet(version: string): void {
  element('connected-sentence', HTMLElement).textContent =
    `nigaoe ${version} on this computer draws. Your images stay on it.`;
}

/** A sentence in which commands in quotes look like commands, and can be marked with one click. */
function withCommands(sentence: string): (Node | string)[] {
  return sentence
    .split(/(?<=“)(np[xm] [^”]+)(?=”)/)
    .map((part, index) => (index % 2 === 1 ? make('code', {}, part) : part));
}
