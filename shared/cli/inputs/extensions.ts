// File extensions: which files of a folder are photos, and what an output's extension means.

import { extname } from 'node:path';
import type { OutputFormat } from '../../photo/photo.js';

const FORMAT_OF: Readonly<Record<string, OutputFormat>> = {
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.jpe': 'jpeg',
  '.jfif': 'jpeg',
  '.png': 'png',
  '.webp': 'webp',
  '.avif': 'avif',
};

const ALSO_READ: readonly string[] = ['.tif', '.tiff', '.gif'];

/** Extensions that surely mean a file and not a folder, though nothing is written in these formats. */
const NEVER_WRITTEN: readonly string[] = [
  ...ALSO_READ,
  ...['.bmp', '.heic', '.heif', '.jxl', '.jp2', '.svg', '.pdf', '.psd', '.ico', '.mp4', '.mov', '.webm'],
];

/** Whether a file of a folder is taken for a photo. */
export function isPhotoName(path: string): boolean {
  const extension = extname(path).toLowerCase();
  return extension in FORMAT_OF || ALSO_READ.includes(extension);
}

/** Whether an output of this name is meant as a file that nigaoe cannot write. */
export function isForeignName(path: string): boolean {
  return NEVER_WRITTEN.includes(extname(path).toLowerCase());
}

/** The format that an output's extension asks for; undefined where it is none of a picture. */
export function formatOfName(path: string): OutputFormat | undefined {
  return FORMAT_OF[extname(path).toLowerCase()];
}

/** The extension of files of this format. */
export function extensionOf(format: OutputFormat): string {
  return format === 'jpeg' ? '.jpg' : `.${format}`;
}
