// What the user typed into quick actions, merged into the last settings.

import type { Settings } from '../../messages.js';

/** Throws a sentence for a strength that is no number from 0 to 100. */
export function withParameters(settings: Settings, parameters: Record<string, unknown> = {}): Settings {
  const { style, strength } = parameters;
  return {
    ...settings,
    options: {
      ...settings.options,
      ...(typeof style === 'string' && style !== '' ? { style } : {}),
      ...(typeof strength === 'string' && strength !== '' ? { strength: fractionOf(strength) } : {}),
    },
  };
}

function fractionOf(text: string): number {
  const percent = Number(text.replace('%', '').replace(',', '.'));
  if (percent >= 0 && percent <= 100) return percent / 100;
  throw new Error(`Expected a strength from 0 to 100 but received “${text}”`);
}
