// What decoding a file leaves out or changes, said to the user.

import type { Metadata } from './codec.js';
import type { InputFormat } from './photo.js';

/** Sentences about what the header shows and a photo cannot hold; none for an ordinary file. */
export function headerNotices(format: InputFormat, header: Metadata): string[] {
  const notices: string[] = [];
  const pages = header.pages ?? 1;
  if (pages > 1) notices.push(PAGES[format](pages));
  if (header.space === 'cmyk') notices.push('The CMYK colours were converted to sRGB');
  if (header.gainMap !== undefined) notices.push('The HDR gain map was left out');
  return notices;
}

const animation = (pages: number) => `The file is an animation of ${pages} frames; only the first was read`;
const document = (pages: number) => `The file has ${pages} pages; only the first was read`;
const collection = (pages: number) => `The file holds ${pages} pictures; only the main one was read`;

const PAGES: Readonly<Record<InputFormat, (pages: number) => string>> = {
  gif: animation,
  webp: animation,
  png: animation,
  tiff: document,
  jpeg: document,
  avif: collection,
};
