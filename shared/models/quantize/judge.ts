// How near two drawings are, and how much faster one network draws than another.

import type { Tensor } from '../../tensor.js';
import type { Session } from '../session.js';

/** What equal drawings are said to have, instead of infinity. */
const MOST_DB = 99;

/** Mean of the squares of the differences, where values from black to white count as 1 and what is beyond is cut off. */
export function squaredError(a: Tensor, b: Tensor, [low, high]: readonly [number, number]): number {
  const level = (value: number) => Math.min(1, Math.max(0, (value - low) / (high - low)));
  let sum = 0;
  for (let at = 0; at < a.data.length; at++) sum += (level(a.data[at]) - level(b.data[at])) ** 2;
  return sum / a.data.length;
}

/** The peak signal-to-noise ratio over several drawings, in dB. */
export function psnrDb(errors: readonly number[]): number {
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  return Math.min(MOST_DB, -10 * Math.log10(mean));
}

/** The drawing of a packed picture. */
export async function drawWith(session: Session, picture: Tensor): Promise<Tensor> {
  const results = await session.run({ [session.inputs[0].name]: picture });
  return results[session.outputs[0].name];
}

/**
 * How many times as fast the second one draws: both in turn, so that other work on the machine slows both, and the middle of the
 * ratios.
 */
export async function timesAsFast(
  [slow, fast]: readonly [Session, Session],
  picture: Tensor,
  rounds: number,
): Promise<number> {
  const timed = async (session: Session) => {
    const startMs = performance.now();
    await drawWith(session, picture);
    return performance.now() - startMs;
  };
  // The first run of a session asks the system for its memory.
  for (const session of [slow, fast]) await timed(session);
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) ratios.push((await timed(slow)) / (await timed(fast)));
  return ratios.sort((a, b) => a - b)[rounds >> 1];
}
