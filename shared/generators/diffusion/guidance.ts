// Classifier-free guidance (Ho and Salimans 2022): further along the way from what the negative prompt says to what the prompt says.

import { type Tensor, tensor } from '../../tensor.js';

/** negative + scale (positive - negative); both `[N,C,H,W]`. */
export function guided(negative: Tensor, positive: Tensor, scale: number): Tensor {
  const { dims, data } = positive;
  return tensor(
    dims,
    data.map((value, at) => negative.data[at] + scale * (value - negative.data[at])),
  );
}

/** Guidance is no guidance where the prompt alone is asked for. */
export const isGuided = (scale: number): boolean => scale > 1;
