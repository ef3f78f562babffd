// Where a job is, in words and as a bar.

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
  say(status === undefined ? 'Sending the photo' : wordsOf(status));
}

export function showCancelling(): void {
  find('cancel', HTMLButtonElement).disabled = true;
  say('Cancelling');
}

export function hideProgress(outcome: string): void {
  show(find('progress', HTMLDivElement), false);
  speak(outcome);
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

function wordsOf({ state, position = 1, progress }: JobStatus): string {
  if (state === 'queued')
    return position > 1 ? `Waiting for ${position - 1} before this one` : 'Waiting for its turn';
  if (progress === undefined) return 'Starting';
  const words = STAGES[progress.stage] ?? progress.stage;
  return progress.stage === 'generate' && progress.total > 1
    ? `${words} (${Math.min(progress.done + 1, progress.total)} of ${progress.total})`
    : words;
}
const STAGES: Record<string, string> = {
  decode: 'Reading the photo',
  open: 'Opening the style',
  faces: 'Looking for faces',
  crop: 'Cutting out',
  generate: 'Drawing',
  blend: 'Putting it together',
  encode: 'Writing the file',
};
