// What libvips says about a file that it cannot read -> one sentence for the user.

import { NigaoeError } from '../errors.js';
import type { InputFormat } from './photo.js';
import { LABELS } from './sniff.js';

/** A file on its way to becoming a photo. */
export interface Source {
  bytes: Uint8Array;
  format: InputFormat;
  /** How sentences call it: its name, or "The photo". */
  subject: string;
}

const AGAIN = 'Copy or download the file again, or save it anew in an image program';
const OTHER_FORMAT = 'Save it as JPEG or PNG in an image program';

// The first pattern that the message of libvips fits decides; the message itself stays as the cause.
const FINDINGS: readonly { pattern: RegExp; says: (label: string) => string; hint: string }[] = [
  {
    pattern: /premature end of JPEG|unexpected end|got \d+ bytes, expected/i,
    says: (label) => `is incomplete: the ${label} file ends before its picture does`,
    hint: AGAIN,
  },
  {
    pattern: /out of memory|could not allocate/i,
    says: () => 'needs more memory than is free',
    hint: 'Scale the photo down first',
  },
  {
    pattern: /not configured|not supported|unsupported (?!image format)/i,
    says: (label) => `is a kind of ${label} file that nigaoe cannot read`,
    hint: OTHER_FORMAT,
  },
  {
    pattern: /corrupt header|unsupported image format/i,
    says: (label) => `is damaged: the header of the ${label} file cannot be read`,
    hint: AGAIN,
  },
  {
    pattern: /./s,
    says: (label) => `is damaged: the pixels of the ${label} file cannot be read`,
    hint: AGAIN,
  },
];

/** The error `photo-unreadable` for what sharp threw about a source. */
export function unreadable({ bytes, format, subject }: Source, cause: unknown): NigaoeError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const finding = isCutShort[format](bytes)
    ? FINDINGS[0]
    : FINDINGS.find(({ pattern }) => pattern.test(message))!;
  return new NigaoeError('photo-unreadable', `${subject} ${finding.says(LABELS[format])}`, {
    hint: finding.hint,
    cause,
  });
}

/** Whether a warning means that pixels are wrong, although libvips would go on. */
export function isHarmful(warning: unknown): boolean {
  return /premature end of data|bad Huffman|instead of RST|read error/i.test(String(warning));
}

/** Whether a warning is about the picture at all: most are about metadata that nobody shows. */
export function isFlaw(warning: unknown): boolean {
  return /Corrupt JPEG data|Invalid frame/i.test(String(warning));
}

/** Whether a file is shorter than its own structure says; false where the format does not tell. */
const isCutShort: Readonly<Record<InputFormat, (bytes: Uint8Array) => boolean>> = {
  jpeg: () => false,
  gif: () => false,
  png: (bytes) => !Buffer.from(bytes.subarray(-64)).includes('IEND'),
  webp: (bytes) => bytes.length < 12 || viewOf(bytes).getUint32(4, true) + 8 > bytes.length,
  avif: (bytes) => endOfBoxes(bytes) > bytes.length,
  tiff: (bytes) => bytes.length < 8 || firstDirectory(bytes) >= bytes.length,
};

/** Where the last top-level box of an ISO base media file says that it ends; a size of 0 means "up to the end". */
function endOfBoxes(bytes: Uint8Array): number {
  const view = viewOf(bytes);
  let at = 0;
  while (at + 8 <= bytes.length) {
    const size = view.getUint32(at);
    if (size < 8) return bytes.length;
    at += size;
  }
  return at;
}

function firstDirectory(bytes: Uint8Array): number {
  return viewOf(bytes).getUint32(4, bytes[0] === 0x49);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
