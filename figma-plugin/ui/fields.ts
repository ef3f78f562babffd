// Which of the bridge's options the form shows, and as what: data, so that a new option appears without a change here.

import type { OptionInfo } from '../../shared/bridge/protocol.js';

/** Seen at once; the others stand under More options. */
export const FIRST: readonly string[] = ['strength', 'scope'];

/** Options that make no sense for a fill, or that the form sets in its own way. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  style: 'chosen in the gallery',
  size: 'of the scope portrait only',
  sideBySide: 'changes the shape of the picture',
  keepMetadata: 'Figma keeps none',
  maxPixels: 'Figma has no image so large',
};

/** Choices that Figma can show; all of them where nothing is said. */
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  scope: ['auto', 'photo', 'faces'],
  format: ['png', 'jpeg'],
};

/** `maxSide` -> `Max side`. */
export function labelOf(name: string): string {
  const words = name.replace(/[A-Z]/g, (letter) => ' ' + letter.toLowerCase());
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The options that the form shows, with the choices and defaults that fit Figma. */
export function fieldsFor(options: readonly OptionInfo[]): OptionInfo[] {
  return options.filter(({ name }) => LEFT_OUT[name] === undefined).map(narrow);
}

/** A number with both ends near each other is a slider. */
export function isSlider({ type, ...spec }: OptionInfo): boolean {
  return type === 'number' && 'max' in spec && spec.max <= 1;
}

function narrow(option: OptionInfo): OptionInfo {
  const choices = CHOICES[option.name];
  if (option.type !== 'choice' || choices === undefined) return option;
  return { ...option, choices, default: choices.includes(option.default) ? option.default : choices[0] };
}
