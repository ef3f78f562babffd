// The style "ink" as a generator: one graph per picture size, the last one kept.

import { throwIfCancelled } from '../../errors.js';
import type { Side } from '../../models/entry.js';
import { openSession, type Session, type SessionOptions } from '../../models/session.js';
import { planeSize, type Tensor } from '../../tensor.js';
import type { Generator } from '../generator.js';
import { INK_INPUT, INK_OUTPUT, inkGraph } from './graph.js';
import type { SizePx } from './plane.js';

type InkOptions = Omit<SessionOptions, 'name'>;

const ID = 'ink';
/** A square of 4096 px peaks at 1.3 to 1.8 GB (see bench/ink.ts); larger pictures are drawn at this and enlarged. */
const SIDE: Side = { multipleOf: 1, minPx: 64, maxPx: 4096 };
/** Opened first, to find the device: the usual size of an aligned face. */
const USUAL: SizePx = { width: 512, height: 512 };

/**
 * Opens the style. Every picture size has a graph of its own (built in milliseconds); pictures of the size of the last
 * one find theirs ready.
 * @throws `device-absent` when a required device does not work
 */
export async function openInk(options: InkOptions = {}): Promise<Generator> {
  let page = await openPage(USUAL, options);
  return {
    id: ID,
    side: SIDE,
    device: page.session.device,
    deviceReason: page.session.deviceReason,
    async generate(pixels, { signal, onProgress } = {}) {
      throwIfCancelled(signal);
      page = await turnTo(planeSize(pixels), page, options);
      throwIfCancelled(signal);
      const drawing = await draw(page.session, pixels);
      onProgress?.(1, 1);
      return drawing;
    },
    close: () => page.session.close(),
  };
}

/** An open graph and the size that it draws. */
interface Page {
  size: SizePx;
  session: Session;
}

async function openPage(size: SizePx, options: InkOptions): Promise<Page> {
  return { size, session: await openSession(inkGraph(size), { ...options, name: ID }) };
}

/** The page itself where its size fits, else a new one on the same device. */
async function turnTo(size: SizePx, page: Page, options: InkOptions): Promise<Page> {
  if (page.size.width === size.width && page.size.height === size.height) return page;
  const next = await openPage(size, { ...options, device: page.session.device });
  await page.session.close();
  return next;
}

async function draw(session: Session, pixels: Tensor): Promise<Tensor> {
  return (await session.run({ [INK_INPUT]: pixels }))[INK_OUTPUT];
}
