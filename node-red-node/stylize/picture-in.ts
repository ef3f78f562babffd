// The picture of a message, however it was put there; and for everything else the sentence that says what to change.

import { NigaoeError } from '../../shared/errors.js';
import { describeBytes, imageTypeOf } from '../camera/image-type.js';
import { pictureInText } from './picture-in-text.js';

/**
 * Takes a Buffer, Uint8Array or ArrayBuffer, a Buffer that went through JSON, base64 text or a data URL.
 * @param name the property for the sentence, such as `msg.payload`
 * @throws NigaoeError `photo-unreadable`
 */
export function readPicture(value: unknown, name: string): Buffer {
  const bytes = bytesOf(value, name);
  if (bytes.length === 0) throw noPicture(name, 'it is empty', EMPTY);
  if (!isImage(bytes)) throw noPicture(name, `it is ${describeBytes(bytes)}`, TAKEN);
  return bytes;
}
const EMPTY =
  'Camera and broker send an empty message when they have no picture, for example when a retained one was removed.';
const TAKEN =
  'It takes the file of a picture: JPEG, PNG, WebP, GIF, AVIF, TIFF or HEIC. An address that needs a login often answers with a page instead.';
const SPLIT = 'Put a split node before this one: each picture needs a message of its own.';

function bytesOf(value: unknown, name: string): Buffer {
  if (Buffer.isBuffer(value)) return value;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return Buffer.from(value);
  if (isBufferInJson(value)) return Buffer.from(value.data);
  if (typeof value === 'string') return textBytes(value, name);
  if (Array.isArray(value)) throw noPicture(name, 'it is an array', SPLIT);
  if (typeof value === 'object' && value !== null) throw anObject(value, name);
  const what = value === undefined || value === null ? 'it is not there' : `it is a ${typeof value}`;
  throw noPicture(name, what, 'Choose the property that holds the picture in the settings of this node.');
}

function textBytes(text: string, name: string): Buffer {
  const found = pictureInText(text, isImage);
  if ('bytes' in found) return found.bytes;
  throw noPicture(name, found.what, found.hint);
}

/** `{type: 'Buffer', data: [...]}`, as JSON.stringify writes it. */
function isBufferInJson(value: unknown): value is { data: number[] } {
  const { type, data } = (value ?? {}) as { type?: unknown; data?: unknown };
  return type === 'Buffer' && Array.isArray(data);
}

function anObject(value: object, name: string): NigaoeError {
  const within = Object.entries(value).find(([, part]) => part instanceof Uint8Array)?.[0];
  const hint =
    within === undefined
      ? 'Choose the property that holds the picture itself in the settings of this node.'
      : `Its part ${within} holds bytes: choose ${name}.${within} in the settings of this node.`;
  return noPicture(name, 'it is an object', hint);
}

const noPicture = (name: string, what: string, hint: string): NigaoeError =>
  new NigaoeError('photo-unreadable', `Expected a picture in ${name} but ${what}`, { hint });

/** By the first bytes alone: whether it can be decoded, the engine finds out. */
const isImage = (bytes: Buffer): boolean => imageTypeOf(bytes) !== undefined;
