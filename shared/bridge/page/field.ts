// One option as a field: its control, label and help, and the value that the user gave it.

import type { OptionInfo } from '../protocol.js';
import { capitalise, make, sentence } from './dom.js';

export interface Field {
  element: HTMLElement;
  /** Undefined while it is the default. */
  read(): string | number | boolean | undefined;
}

type CheckRow = Extract<OptionInfo, { type: 'boolean' }>;
type ChoiceRow = Extract<OptionInfo, { type: 'choice' }>;
type NumberRow = Extract<OptionInfo, { min: number }>;
type TextRow = Extract<OptionInfo, { type: 'string' }>;

/** Choices up to this many are shown side by side. */
const SEGMENTS = 4;

/** The field that suits the option's type. */
export function makeField(option: OptionInfo): Field {
  if (option.type === 'boolean') return checkField(option);
  if (option.type === 'choice')
    return option.choices.length <= SEGMENTS ? segmentField(option) : selectField(option);
  if (option.type === 'number' && option.max === 1) return rangeField(option);
  return textField(option);
}

function checkField(option: CheckRow): Field {
  const input = make('input', { type: 'checkbox', name: option.name, defaultChecked: option.default });
  const label = make('label', { className: 'check' }, input, labelOf(option));
  return {
    element: wrap(option, [label], input),
    read: () => (input.checked === option.default ? undefined : input.checked),
  };
}

function selectField(option: ChoiceRow): Field {
  const options = option.choices.map((value) =>
    make('option', { value, defaultSelected: value === option.default }, value),
  );
  const select = make('select', { name: option.name }, ...options);
  return {
    element: wrap(option, labelled(option, select), select),
    read: () => (select.value === option.default ? undefined : select.value),
  };
}

function segmentField(option: ChoiceRow): Field {
  const segments = option.choices.map((value) => {
    const input = make('input', {
      type: 'radio',
      name: option.name,
      value,
      defaultChecked: value === option.default,
    });
    return make('label', {}, input, make('span', {}, value));
  });
  const group = make('div', { className: 'segments', role: 'radiogroup' }, ...segments);
  group.ariaLabel = labelOf(option);
  const read = () => group.querySelector<HTMLInputElement>('input:checked')?.value;
  return {
    element: wrap(option, [make('span', { className: 'label' }, labelOf(option)), group], group),
    read: () => (read() === option.default ? undefined : read()),
  };
}

function rangeField(option: NumberRow): Field {
  const input = make('input', { type: 'range', name: option.name, min: String(option.min), max: '1' });
  input.step = '0.05';
  input.defaultValue = String(option.default);
  const output = make('output', {}, percent(option.default));
  input.addEventListener('input', () => (output.value = percent(input.valueAsNumber)));
  const head = make('label', { className: 'label', htmlFor: idOf(option) }, labelOf(option), output);
  return {
    element: wrap(option, [head, input], input),
    read: () => (input.valueAsNumber === option.default ? undefined : input.valueAsNumber),
  };
}

function textField(option: NumberRow | TextRow): Field {
  const input = make('input', { name: option.name, defaultValue: String(option.default) });
  if (option.type !== 'string') bound(input, option);
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

function labelled(option: OptionInfo, control: HTMLElement): HTMLElement[] {
  const label = make('label', { className: 'label', htmlFor: idOf(option) }, labelOf(option));
  return [label, control];
}

function wrap(option: OptionInfo, parts: readonly HTMLElement[], control: HTMLElement): HTMLElement {
  control.id = idOf(option);
  const help = make(
    'small',
    { className: 'help', id: `${idOf(option)}-help` },
    ...sentence(capitalise(option.help)),
  );
  control.setAttribute('aria-describedby', help.id);
  return make('div', { className: 'field' }, ...parts, help);
}

const idOf = ({ name }: OptionInfo): string => `option-${name}`;
const percent = (value: number): string => `${Math.round(value * 100)} %`;

/** `sideBySide` -> `Side by side`; the unit goes behind it. */
function labelOf(option: OptionInfo): string {
  const words = LABELS[option.name] ?? option.name.replace(/[A-Z]/g, (letter) => ' ' + letter.toLowerCase());
  const unit = 'unit' in option && option.unit !== undefined ? ` (${option.unit})` : '';
  return capitalise(words) + unit;
}
const LABELS: Record<string, string> = {
  scope: 'what to draw',
  maxSide: 'longest side',
  minFace: 'smallest face',
  minScore: 'lowest face score',
  noFace: 'without a face',
  pad: 'fill beyond the photo',
  rotations: 'look for turned faces',
  keepMetadata: 'keep EXIF data',
  maxPixels: 'largest photo',
  requireDevice: 'insist on the device',
};
