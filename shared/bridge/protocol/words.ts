// What the forms of the page and of the Figma plugin say: one set of words, so that a thing has one name everywhere.

import type { JobStatus, OptionInfo, StyleInfo } from '../protocol.js';

/** `sideBySide` -> `Side by side`, unless people call it otherwise. */
export function labelOf(name: string): string {
  return capitalise(LABELS[name] ?? name.replace(/[A-Z]/g, (letter) => ' ' + letter.toLowerCase()));
}
const LABELS: Record<string, string> = {
  scope: 'what to draw',
  background: 'background',
  expand: 'around the face',
  size: 'portrait size',
  pad: 'fill beyond the photo',
  maxSide: 'longest side',
  landmarks: 'draw the landmarks',
  noFace: 'without a face',
  detector: 'face detector',
  landmarker: 'landmark model',
  minFace: 'smallest face',
  minScore: 'lowest face score',
  rotations: 'look for turned faces',
  keepMetadata: 'keep EXIF data',
  maxPixels: 'largest photo',
  requireDevice: 'insist on the device',
};

/** How one of an option's choices is called; `styles` name those that are styles. */
export function choiceLabel({ name }: OptionInfo, choice: string, styles: readonly StyleInfo[]): string {
  const style = styles.find(({ id }) => name === 'background' && id === choice);
  if (style !== undefined) return nameAndWords(style.title)[0];
  return CHOICES[name]?.[choice] ?? capitalise(choice);
}
const CHOICES: Record<string, Record<string, string>> = {
  background: { '': 'None' },
  noFace: { error: 'Stop and say so', skip: 'Leave as it is', photo: 'Draw the whole photo' },
  detector: { embedded: 'Built in' },
  landmarker: { embedded: 'Built in' },
  format: { same: 'As the photo', jpeg: 'JPEG', png: 'PNG', webp: 'WebP', avif: 'AVIF' },
  device: {
    cpu: 'CPU',
    cuda: 'CUDA (NVIDIA)',
    coreml: 'Core ML (Apple)',
    dml: 'DirectML (Windows)',
    webgpu: 'WebGPU',
  },
};

/** What an option does, as a sentence without the marks of code. */
export function helpOf({ help }: OptionInfo): string {
  return capitalise(help.replaceAll('`', ''));
}

/** A sentence of the bridge, which calls options as programs do, with the names that forms give them. */
export function withLabels(sentence: string): string {
  return sentence.replace(/\b[a-z]+[A-Z][A-Za-z]*\b/g, (name) =>
    LABELS[name] === undefined ? name : `“${labelOf(name)}”`,
  );
}

/** The name before the colon of `Ink: a cartoon`, and what follows it. */
export function nameAndWords(title: string): [name: string, words: string] {
  const [name, ...words] = title.split(': ');
  return [name, words.join(': ')];
}

/** What must be known before a drawing leaves the house; undefined where nothing must. */
export function termsOf({ licence: { commercial, name } }: StyleInfo): string | undefined {
  return commercial ? undefined : `Not for commercial use (${name}).`;
}

/** The command that fetches a style, as it works wherever npm does. */
export function pullCommand({ id, licence: { commercial } }: StyleInfo): string {
  return `npx @nigaoe/nigaoe models pull ${id}${commercial ? '' : ' --accept-licence'}`;
}

/** Where a job is that waits or runs. */
export function jobWords({ state, position = 1, progress }: JobStatus): string {
  if (state === 'queued')
    return position > 1 ? `Waiting for ${position - 1} before this one` : 'Waiting for its turn';
  if (progress === undefined) return 'Starting';
  const { stage, done, total } = progress;
  const steps = stage === 'generate' && total > 1 ? ` (${Math.min(done + 1, total)} of ${total})` : '';
  // A stage that came with a newer bridge is called as the bridge calls it.
  return (STAGES[stage] ?? capitalise(stage)) + steps;
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

export function capitalise(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
