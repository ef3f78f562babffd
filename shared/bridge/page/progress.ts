// Where a job is, in words and as a bar.

import { jobWords } from '../protocol/words.js';
import type { JobStatus } from '../protocol.js';
import { find, show } from './dom.js';

const text = find('stage-text', HTMLSpanElement);
const bar = find('bar', HTMLProgressElement);

export function showProgress(status?: JobStatus): void {
  show(find('progress', HTMLDivElement), true);
  find('cancel', HTMLButtonElement).disabled = false;
  const fraction = status?.progress?.fraction;
  if (fraction === undefined) bar.removeAttribute('value');
  else bar.value = fraction;
  find('percent', HTMLSpanElement).textContent =
    fraction === undefined ? '' : `${Math.round(fraction * 100)} %`;
  say(status === undefined ? 'Sending the photo' : jobWords(status));
}

export function showCancelling(): void {
  find('cancel', HTMLButtonElement).disabled = true;
  say('Cancelling');
}

/** Says how it ended: to those who hear the page, and where `seen` to those who look at it too. */
export function hideProgress(outcome: string, seen: boolean): void {
  show(find('progress', HTMLDivElement), false);
  speak(outcome);
  showOutcome(seen ? outcome : '');
}

export function clearOutcome(): void {
  showOutcome('');
}

function showOutcome(words: string): void {
  const outcome = find('outcome', HTMLParagraphElement);
  outcome.textContent = words;
  show(outcome, words !== '');
}

function say(words: string): void {
  if (text.textContent === words) return;
  text.textContent = words;
  speak(words);
}

/** For screen readers; a region that changes too often would talk without end. */
function speak(words: string): void {
  find('spoken', HTMLParagraphElement).textContent = words;
}
