// What a drawing becomes on messages: the picture in its property, its media type, and word of how it was drawn.

import type { Drawn } from '../../shared/bridge/client.js';
import type { ResultInfo } from '../../shared/bridge/protocol.js';
import { imageTypeOf } from '../camera/image-type.js';

/** How to reach into messages; the runtime's own functions. */
export interface MessageTools<Message> {
  /** Sets the picture; undefined takes it away. */
  setPicture(msg: Message, picture: Buffer | undefined): void;
  /** A deep copy. */
  copy(msg: Message): Message;
}

/** A part of a sequence, as split and join nodes understand it. */
interface Parts {
  id: string;
  index: number;
  count: number;
  type: 'array';
  len: number;
  /** The sequence that the message was part of before. */
  parts?: unknown;
}

/** What is written on a message besides its picture. */
export interface Written {
  _msgid: string;
  mediaType?: string | undefined;
  drawn?: DrawnNote;
  parts?: unknown;
}

/** `msg.drawn` */
interface DrawnNote extends Omit<ResultInfo, 'pictures'> {
  style: string;
  width: number;
  height: number;
  format: string;
}

export interface Delivery<Message> {
  msg: Message;
  drawn: Drawn;
  style: string;
  /** One message with the first picture, or one for each. */
  pictures: 'first' | 'each';
}

/** The messages to send: the one that came, and copies of it before it where several pictures are wanted. */
export function* deliver<Message extends Written>(
  { msg, drawn, style, pictures }: Delivery<Message>,
  tools: MessageTools<Message>,
): Generator<Message> {
  // No copy shall hold the photo.
  tools.setPicture(msg, undefined);
  if (pictures === 'first') {
    yield write(msg, { drawn, index: 0, style }, tools);
    return;
  }
  const { length: count } = drawn.pictures;
  const before = msg.parts;
  for (let index = 0; index < count; index++) {
    const one = index === count - 1 ? msg : tools.copy(msg);
    one.parts = partOf({ id: msg._msgid, index, count }, before);
    yield write(one, { drawn, index, style }, tools);
  }
}

/** The message for a photo without faces: with the photo, as bytes. */
export function withoutFaces<Message extends Written>(msg: Message, photo: Buffer): Message {
  delete msg.drawn;
  msg.mediaType = imageTypeOf(photo);
  return msg;
}

function write<Message extends Written>(
  msg: Message,
  { drawn, index, style }: { drawn: Drawn; index: number; style: string },
  tools: MessageTools<Message>,
): Message {
  const { bytes, type, format, width, height } = drawn.pictures[index];
  const { pictures: _, ...info } = drawn.info;
  tools.setPicture(msg, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  msg.mediaType = type;
  msg.drawn = { style, ...info, width, height, format };
  return msg;
}

function partOf(part: Pick<Parts, 'id' | 'index' | 'count'>, before: unknown): Parts {
  return { ...part, type: 'array', len: 1, ...(before === undefined ? {} : { parts: before }) };
}
