// What the node needs of Node-RED to reach into its messages.

import type { Node, NodeAPI, NodeMessage, NodeMessageInFlow } from 'node-red';
import { NigaoeError } from '../../shared/errors.js';
import type { TypedValue } from './order.js';
import type { MessageTools, Written } from './results.js';

/** A message with a picture, or one that calls drawings off. */
export interface PictureMessage extends NodeMessageInFlow, Omit<Written, 'parts' | '_msgid'> {
  /** `true`: the drawing that is being made is given up. */
  cancel?: unknown;
  /** `true`: that, and all that wait. */
  reset?: unknown;
  /** Options for this picture alone. */
  nigaoe?: unknown;
  /** Of the photo, for error sentences. */
  filename?: unknown;
}

/** A message on its way through the node. */
export interface Frame {
  msg: PictureMessage;
  send(msg: NodeMessage | (NodeMessage | null)[]): void;
  done(error?: Error): void;
}

export interface FlowTools extends MessageTools<PictureMessage> {
  /** Whatever is in the picture's property; undefined where the way to it is missing. */
  pictureOf(msg: PictureMessage): unknown;
  evaluate(typed: TypedValue, msg: PictureMessage): Promise<unknown>;
}

/** `property`: of the message, as in `payload.image`. */
export function toolsFor({ util }: NodeAPI, node: Node, property: string): FlowTools {
  return {
    pictureOf: (msg) => orUndefined(() => util.getMessageProperty(msg, property)),
    // Null: undefined would delete the property, and from an array take its element out, so that the others move up.
    setPicture: (msg, picture) => void util.setMessageProperty(msg, property, picture ?? null, true),
    copy: (msg) => util.cloneMessage(msg),
    evaluate: (typed, msg) => evaluate(util, typed, { node, msg }),
  };
}

function orUndefined(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return undefined;
  }
}

async function evaluate(
  util: NodeAPI['util'],
  { type, value }: TypedValue,
  { node, msg }: { node: Node; msg: PictureMessage },
): Promise<unknown> {
  if (type === 'msg') return orUndefined(() => util.getMessageProperty(msg, value));
  try {
    return await new Promise((resolve, reject) => {
      const answer = (error: Error | null, result: unknown) => (error ? reject(error) : resolve(result));
      util.evaluateNodeProperty(value, type, node, msg, answer);
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new NigaoeError(
      'options',
      `Expected a value in ${type}.${value} but reading it failed: ${reason}`,
      { cause },
    );
  }
}
