// Which of the bridge's options the form shows, and as what: data, so that a new option appears without a change here.

import { type OfferedOption, offerOptions } from '../../shared/bridge/protocol/offered.js';
import type { OptionInfo, StyleInfo } from '../../shared/bridge/protocol.js';

/** Seen at once; the others stand under More options. */
export const FIRST: readonly string[] = ['strength', 'scope'];

/** Options that make no sense for a fill. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  size: 'of the scope portrait only',
  sideBySide: 'changes the shape of the picture',
  keepMetadata: 'Figma keeps none',
  maxPixels: 'Figma has no image so large',
};

/** Choices that Figma can show; all of them where nothing is said. */
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  scope: ['auto', 'photo', 'faces'],
  format: ['same', 'png', 'jpeg'],
};

/** The options that the form shows, with the choices that fit Figma. */
export function fieldsFor(options: readonly OptionInfo[], styles: readonly StyleInfo[]): OfferedOption[] {
  return offerOptions(options, styles)
    .filter(({ name }) => LEFT_OUT[name] === undefined)
    .map(narrow);
}

/** A number with both ends near each other is a slider. */
export function isSlider({ type, ...spec }: OptionInfo): boolean {
  return type === 'number' && 'max' in spec && spec.max <= 1;
}

function narrow(option: OfferedOption): OfferedOption {
  const choices = CHOICES[option.name];
  return option.type !== 'choice' || choices === undefined ? option : { ...option, choices };
}
