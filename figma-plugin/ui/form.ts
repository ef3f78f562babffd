// The form of options, made from the bridge's own list, and the settings that it stands for.

import type { OptionInfo } from '../../shared/bridge/protocol.js';
import type { PartialOptions } from '../../shared/options.js';
import type { Handling, Settings } from '../messages.js';
import { element } from './element.js';
import { type Field, openField } from './field.js';
import { FIRST, fieldsFor } from './fields.js';
import { chosenStyle } from './gallery.js';

export interface Form {
  show(options: readonly OptionInfo[], settings: Settings): void;
  /** Options at their default are left out, so that a new default of the bridge takes effect. */
  settings(): Settings;
  /** Points at the first field that is not filled in well. */
  isValid(): boolean;
  firstStyle(options: readonly OptionInfo[]): string;
}

/** `onChange` is told the settings whenever the user has changed something. */
export function openForm(onChange: (settings: Settings) => void): Form {
  let fields: Field[] = [];
  const settings = (): Settings => ({ options: optionsOf(fields), handling: handlingOf() });
  element('options', HTMLElement).addEventListener('change', () => onChange(settings()));
  return {
    settings,
    isValid: () => fields.every((field) => field.isValid()),
    firstStyle: (options) => String(options.find(({ name }) => name === 'style')?.default ?? ''),
    show: (options, { options: values, handling }) => {
      fields = fieldsFor(options).map((option) =>
        openField(option, values[option.name as keyof PartialOptions]),
      );
      place(
        'first-fields',
        fields.filter(({ name }) => FIRST.includes(name)),
      );
      place(
        'more-fields',
        fields.filter(({ name }) => !FIRST.includes(name)),
      );
      showHandling(handling);
    },
  };
}

function optionsOf(fields: readonly Field[]): PartialOptions {
  const given = fields.filter((field) => field.isChanged()).map((field) => [field.name, field.value()]);
  return { ...(Object.fromEntries(given) as PartialOptions), style: chosenStyle() };
}

function place(id: string, fields: readonly Field[]): void {
  element(id, HTMLElement).replaceChildren(...fields.map(({ row }) => row));
}

function showHandling(handling: Handling): void {
  for (const [name, value] of Object.entries(handling)) {
    const radio = document.querySelector<HTMLInputElement>(`input[name="${name}"][value="${String(value)}"]`);
    if (radio !== null) radio.checked = true;
  }
}

function handlingOf(): Handling {
  return {
    source: checked('source') === 'seen' ? 'seen' : 'original',
    target: checked('target') === 'duplicate' ? 'duplicate' : 'replace',
  };
}

function checked(name: string): string | undefined {
  return document.querySelector<HTMLInputElement>(`input[name="${name}"]:checked`)?.value;
}
