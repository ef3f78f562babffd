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
export function helpOf({ name, help }: OptionInfo): string {
  return HELPS[name] ?? capitalise(help.replaceAll('`', ''));
}
/** Where the option table speaks of values that forms show otherwise: shares in percent, choices by their labels. */
const HELPS: Record<string, string> = {
  scope:
    'Photo: the whole picture; Faces: each face, blended back; Portrait: one aligned square per face; Auto: what suits the style',
  background: 'Second style for what is not a face, where Faces are drawn',
  strength: 'Mix with the original: 0 % is the photo, 100 % the drawing',
  noFace: 'When Faces or Portrait is to be drawn and the photo shows no face',
  detector: 'What finds the faces; Built in: the one that comes with nigaoe',
  landmarker: 'What finds the 68 points of a face; Built in: the one that comes with nigaoe',
  minScore: "Lowest face score; 0 %: the detector's own threshold",
  format: 'Format of the result',
  requireDevice: 'Stop when that device is absent instead of drawing on another',
};

/** A sentence of the bridge, which calls options and choices as programs do, with the names that forms give them. */
export function withLabels(sentence: string): string {
  return sentence
    .replace(/\b(scope|noFace) (\w+)\b/g, (words, name: string, choice: string) => {
      const isChoice = name === 'scope' ? SCOPES.has(choice) : CHOICES[name]?.[choice] !== undefined;
      return isChoice ? `“${labelOf(name)}: ${CHOICES[name]?.[choice] ?? capitalise(choice)}”` : words;
    })
    .replace(/\b[a-z]+[A-Z][A-Za-z]*\b/g, (name) =>
      LABELS[name] === undefined ? name : `“${labelOf(name)}”`,
    );
}
const SCOPES = new Set(['auto', 'photo', 'faces', 'portrait']);

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
