// Draws one small picture with a network before it becomes a style: what fails here would fail on the first photo.

import { asFailure, NigaoeError } from '../../errors.js';
import { sizeOf, type Tensor, tensor } from '../../tensor.js';
import type { GeneratorIo, Side } from '../entry.js';
import { openSession, type Session } from '../session.js';

interface Candidate {
  /** For messages. */
  name: string;
  /** Bytes of an ONNX file. */
  network: Uint8Array;
  io: GeneratorIo;
  side: Side;
  isSideAssumed: boolean;
}

/** Large enough for networks that halve the picture eight times, small enough to take a second at most. */
const ROOMY_PX = 256;
const SMALL_PX = 64;

/**
 * Draws on the CPU and returns the sides that the network takes: those that are assumed are corrected where only larger ones
 * work. Throws `model-corrupt` where onnxruntime refuses the model, `model-unsupported` where it does not draw.
 */
export async function tryNetwork({ network, ...candidate }: Candidate): Promise<Side> {
  const { name, side } = candidate;
  // As it will be opened for photos: rewritten for the CPU.
  const session = await openSession(network, { name, device: 'cpu', sidesMultipleOf: side.multipleOf });
  try {
    return await drawOnce(session, candidate);
  } finally {
    await session.close();
  }
}

async function drawOnce(session: Session, candidate: Omit<Candidate, 'network'>): Promise<Side> {
  const { side, isSideAssumed } = candidate;
  try {
    await drawAt(smallestPx(side, SMALL_PX), session, candidate);
    return side;
  } catch (error) {
    if (!isSideAssumed) throw error;
    const roomy = { ...side, minPx: smallestPx(side, ROOMY_PX) };
    // The first failure tells more: it is of the size that was promised.
    await drawAt(roomy.minPx, session, candidate).catch(() => Promise.reject(error as Error));
    return roomy;
  }
}

function smallestPx({ multipleOf, minPx, maxPx }: Side, atLeastPx: number): number {
  const wanted = Math.ceil(Math.max(minPx, atLeastPx) / multipleOf) * multipleOf;
  return Math.min(wanted, Math.floor(maxPx / multipleOf) * multipleOf);
}

async function drawAt(
  sidePx: number,
  session: Session,
  { name, io }: Omit<Candidate, 'network'>,
): Promise<void> {
  const picture = ramp(io, sidePx);
  const failed = (reason: string, cause?: unknown) =>
    new NigaoeError(
      'model-unsupported',
      `Expected a network that draws a picture of ${sidePx} x ${sidePx} px in ${name} but ${reason}`,
      { hint: 'Only networks that return a picture of the size that they are given are styles.', cause },
    );
  const results = await session.run({ [session.inputs[0].name]: picture }).catch((error: unknown) => {
    throw failed(lastClause(asFailure(error).message), error);
  });
  const drawn = results[session.outputs[0].name];
  if (drawn.dims.join() !== picture.dims.join()) throw failed(`it returns ${drawn.dims.join('x')}`);
  if (!drawn.data.every(Number.isFinite)) throw failed('it returns what are no numbers (NaN or infinity)');
}

/** Dark to light from corner to corner, in the network's own layout and range. */
function ramp({ layout, range: [low, high] }: GeneratorIo, sidePx: number): Tensor {
  const dims = layout === 'nhwc' ? [1, sidePx, sidePx, 3] : [1, 3, sidePx, sidePx];
  const count = sizeOf(dims);
  return tensor(
    dims,
    Float32Array.from({ length: count }, (_, at) => low + ((high - low) * at) / (count - 1)),
  );
}

/** What onnxruntime says, without the sentence that tells so of a photo. */
const lastClause = (message: string): string => {
  const said = /onnxruntime says: (.*)$/s.exec(message)?.[1];
  return said === undefined ? message : `onnxruntime says: ${said}`;
};
