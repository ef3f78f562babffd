// One option as a field: its control, label and help, and the value that the user gave it.

import type { OfferedOption } from '../protocol/offered.js';
import { helpOf } from '../protocol/words.js';
import { make } from './dom.js';

type Value = string | number | boolean;

export interface Field {
  element: HTMLElement;
  /** Undefined while it is the default. */
  read(): Value | undefined;
}

type CheckRow = Extract<OfferedOption, { type: 'boolean' }>;
type ChoiceRow = Extract<OfferedOption, { type: 'choice' }>;
type NumberRow = Extract<OfferedOption, { min: number }>;
type TextRow = Extract<OfferedOption, { type: 'string' }>;

/** Choices stand side by side while there are few, with few letters in all. */
const SEGMENTS = 4;
const SEGMENT_LETTERS = 28;

/** The field that suits the option's type; `kept` is what the user gave it last. */
export function makeField(option: OfferedOption, kept: unknown): Field {
  if (option.type === 'boolean') return checkField(option, kept);
  if (option.type === 'choice')
    return isShort(option) ? segmentField(option, kept) : selectField(option, kept);
  if (option.type === 'number' && option.max === 1) return rangeField(option, kept);
  return textField(option, kept);
}

function isShort({ choices, choiceLabels }: ChoiceRow): boolean {
  const letters = choices.reduce((sum, choice) => sum + choiceLabels[choice].length, 0);
  return choices.length <= SEGMENTS && letters <= SEGMENT_LETTERS;
}

function checkField(option: CheckRow, kept: unknown): Field {
  const input = make('input', { type: 'checkbox', name: option.name, defaultChecked: option.default });
  if (typeof kept === 'boolean') input.checked = kept;
  const label = make('label', { className: 'check' }, input, labelOf(option));
  return {
    element: wrap(option, [label], input),
    read: () => (input.checked === option.default ? undefined : input.checked),
  };
}

function selectField(option: ChoiceRow, kept: unknown): Field {
  const options = option.choices.map((value) =>
    make('option', { value, defaultSelected: value === option.default }, option.choiceLabels[value]),
  );
  const select = make('select', { name: option.name }, ...options);
  if (isChoice(option, kept)) select.value = kept;
  return {
    element: wrap(option, labelled(option, select), select),
    read: () => (select.value === option.default ? undefined : select.value),
  };
}

function segmentField(option: ChoiceRow, kept: unknown): Field {
  const { name, choices, choiceLabels } = option;
  const inputs = choices.map((value) =>
    make('input', { type: 'radio', name, value, defaultChecked: value === option.default }),
  );
  const segments = inputs.map((input) =>
    make('label', {}, input, make('span', {}, choiceLabels[input.value])),
  );
  const group = make('div', { className: 'segments', role: 'radiogroup' }, ...segments);
  if (isChoice(option, kept)) for (const input of inputs) input.checked = input.value === kept;
  group.ariaLabel = labelOf(option);
  const read = () => inputs.find(({ checked }) => checked)?.value;
  return {
    element: wrap(option, [make('span', { className: 'label' }, labelOf(option)), group], group),
    read: () => (read() === option.default ? undefined : read()),
  };
}

/** A style that was kept may be gone. */
function isChoice({ choices }: ChoiceRow, kept: unknown): kept is string {
  return typeof kept === 'string' && choices.includes(kept);
}

function rangeField(option: NumberRow, kept: unknown): Field {
  const input = make('input', { type: 'range', name: option.name, min: String(option.min), max: '1' });
  input.step = '0.05';
  input.defaultValue = String(option.default);
  if (typeof kept === 'number') input.value = String(kept);
  const output = make('output', {}, percent(input.valueAsNumber));
  input.addEventListener('input', () => (output.value = percent(input.valueAsNumber)));
  const head = make('label', { className: 'label', htmlFor: idOf(option) }, labelOf(option), output);
  return {
    element: wrap(option, [head, input], input),
    read: () => (input.valueAsNumber === option.default ? undefined : input.valueAsNumber),
  };
}

function textField(option: NumberRow | TextRow, kept: unknown): Field {
  const input = make('input', { name: option.name, defaultValue: String(option.default) });
  if (option.type !== 'string') bound(input, option);
  if (typeof kept === 'string' || typeof kept === 'number') input.value = String(kept);
  return {
    element: wrap(option, labelled(option, input), input),
    read: () => {
      const value = option.type === 'string' ? input.value.trim() : input.valueAsNumber;
      return value === option.default || Number.isNaN(value) ? undefined : value;
    },
  };
}

function bound(input: HTMLInputElement, option: NumberRow): void {
  Object.assign(input, { type: 'number', min: String(option.min), max: String(option.max) });
  input.step = option.type === 'integer' ? '1' : 'any';
}

function labelled(option: OfferedOption, control: HTMLElement): HTMLElement[] {
  const label = make('label', { className: 'label', htmlFor: idOf(option) }, labelOf(option));
  return [label, control];
}

function wrap(option: OfferedOption, parts: readonly HTMLElement[], control: HTMLElement): HTMLElement {
  control.id = idOf(option);
  const help = make('small', { className: 'help', id: `${idOf(option)}-help` }, helpOf(option));
  control.setAttribute('aria-describedby', help.id);
  return make('div', { className: 'field' }, ...parts, help);
}

const idOf = ({ name }: OfferedOption): string => `option-${name}`;
const percent = (value: number): string => `${Math.round(value * 100)} %`;

/** The unit stands behind the label. */
function labelOf(option: OfferedOption): string {
  return option.label + ('unit' in option && option.unit !== undefined ? ` (${option.unit})` : '');
}
