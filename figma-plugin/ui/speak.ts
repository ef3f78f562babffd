// What screen readers are told, in a region that is always there: words in one that just appears may go unheard.

import { element } from './element.js';

/** The same words twice in a row are told once. */
export function speak(words: string): void {
  const place = element('spoken', HTMLElement);
  if (place.textContent !== words) place.textContent = words;
}
