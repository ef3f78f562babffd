// The options as forms offer them: what is an id is chosen, not typed.

import type { OptionInfo, StyleInfo } from '../protocol.js';
import { choiceLabel, labelOf } from './words.js';

/** An option with its words. */
export type OfferedOption = OptionInfo & {
  label: string;
  /** By choice; empty where there are none. */
  choiceLabels: Readonly<Record<string, string>>;
};

/** Every option but the style, which has its gallery; `styles` are those of the bridge. */
export function offerOptions(options: readonly OptionInfo[], styles: readonly StyleInfo[]): OfferedOption[] {
  return options
    .filter(({ name }) => name !== 'style')
    .map((option) => withWords(asChoice(option, styles), styles));
}

/** Options whose text is an id become a choice of the ids that work at once. */
function asChoice(option: OptionInfo, styles: readonly StyleInfo[]): OptionInfo {
  const ids = option.type === 'string' ? IDS[option.name]?.(styles) : undefined;
  return ids === undefined || option.type !== 'string' ? option : { ...option, type: 'choice', choices: ids };
}
const MODELS = (): string[] => ['auto', 'embedded'];
const IDS: Record<string, (styles: readonly StyleInfo[]) => string[]> = {
  background: (styles) => ['', ...styles.filter(({ state }) => state === 'ready').map(({ id }) => id)],
  detector: MODELS,
  landmarker: MODELS,
};

function withWords(option: OptionInfo, styles: readonly StyleInfo[]): OfferedOption {
  const choices = option.type === 'choice' ? option.choices : [];
  const choiceLabels = Object.fromEntries(
    choices.map((choice) => [choice, choiceLabel(option, choice, styles)]),
  );
  return { ...option, label: labelOf(option.name), choiceLabels };
}
