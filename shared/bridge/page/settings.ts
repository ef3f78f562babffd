// The form of options, built from what the bridge says that they are.

import type { PartialOptions } from '../../options.js';
import type { OptionInfo } from '../protocol.js';
import { find } from './dom.js';
import { type Field, makeField } from './field.js';
import { chosenStyle } from './styles.js';

/** The style has its own gallery. */
const ELSEWHERE = ['style'];
/** What most people want to set; all others stand under More. */
const MAIN = ['scope', 'strength'];

const fields = new Map<string, Field>();

/** Builds the form; what the user has set already is given up. */
export function showOptions(options: readonly OptionInfo[]): void {
  fields.clear();
  for (const option of options)
    if (!ELSEWHERE.includes(option.name)) fields.set(option.name, makeField(option));
  const inMain = [...fields].filter(([name]) => MAIN.includes(name));
  const inMore = [...fields].filter(([name]) => !MAIN.includes(name));
  find('main-options', HTMLDivElement).replaceChildren(...inMain.map(([, { element }]) => element));
  find('more-options', HTMLDivElement).replaceChildren(...inMore.map(([, { element }]) => element));
  listenForReset();
}

/** What the user set; the bridge checks it. */
export function readOptions(): PartialOptions {
  const given = [...fields].map(([name, field]) => [name, field.read()] as const);
  const set = given.filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(set), style: chosenStyle() } as PartialOptions;
}

/** Whether every field holds what it may; where not, the browser shows the first that does not. */
export function settingsAreValid(): boolean {
  const form = find('settings', HTMLFormElement);
  if (form.checkValidity()) return true;
  // A field in a closed part of the page cannot be shown.
  find('more', HTMLDetailsElement).open = true;
  return form.reportValidity();
}

/** The outputs beside sliders follow the slider only when they hear of it. */
function listenForReset(): void {
  const form = find('settings', HTMLFormElement);
  form.onreset = () => {
    setTimeout(() => {
      for (const input of form.querySelectorAll('input[type=range]')) input.dispatchEvent(new Event('input'));
    });
  };
}
