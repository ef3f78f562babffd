// One photo that the user asked for, before it is read.

import path from 'node:path';

/** Where its bytes are. */
type Origin =
  | { kind: 'file'; path: string }
  | { kind: 'web'; url: string }
  /** Standard input. */
  | { kind: 'stdin' };

export interface Input {
  origin: Origin;
  /** How results call it: the path as the user wrote it, or `-`. */
  label: string;
  /** File name without folder and extension, for naming the result. */
  stem: string;
  /** Sub-folder that it has below the folder or pattern that was named; '' where it has none. */
  folder: string;
  /** Whether it was found in a folder or by a pattern instead of being named itself. */
  found: boolean;
}

/** A file of the disk as an input. */
export function fileInput(file: string, place: Partial<Pick<Input, 'folder' | 'found'>> = {}): Input {
  const origin = { kind: 'file', path: path.resolve(file) } as const;
  return { origin, label: file, stem: path.parse(file).name, folder: '', found: false, ...place };
}

/** How sentences call a photo. */
export function nameOf({ origin, label }: Input): string {
  return origin.kind === 'stdin' ? 'Standard input' : label;
}
