// Where in the whole picture a part of it lies, for resizes with aligned corners: how far apart their samples are, and where the
// first one is, depends on the size of the whole and on the place.

import { type Tensor, tensor } from '../../tensor.js';
import type { Value } from '../onnx/builder.js';
import type { Node } from '../onnx/file.js';
import type { Emission } from './emission.js';
import type { Extent, Planes, Size } from './planes.js';
import type { View } from './view.js';

/** One axis of a resize, in the order of the value that is resized. */
interface Axis {
  /** Elements of the part, and of the whole, before and after. */
  part: { before: number; after: number };
  whole: { before: number; after: number };
  /** Elements per pixel of picture, before and after, and along which side; undefined for an axis that is none of the plane. */
  along?: { side: 'top' | 'left'; before: number; after: number };
}

/** Of a window of which nothing is to be left out: a sample that falls just beyond the last one counts as outside. */
const INSIDE = 1e-6;

export class Windows {
  readonly #emission: Emission;
  readonly #planes: Planes;
  readonly #sizes: { tile: Size; whole: Size };
  readonly #inputs = new Map<Value, readonly Axis[]>();

  constructor(emission: Emission, planes: Planes, sizes: { tile: Size; whole: Size }) {
    this.#emission = emission;
    this.#planes = planes;
    this.#sizes = sizes;
  }

  /** Declares the input for that resize: starts and ends of the window, one for every axis, as shares of the part. */
  input({ input: [from], output: [to] }: Node, { order }: View): Value {
    const axes = order.map((_, base) => this.#axis(from, to, order.indexOf(base)));
    const name = this.#emission.builder.input(`window ${this.#inputs.size}`, [2 * axes.length]);
    this.#inputs.set(name, axes);
    return name;
  }

  /** What is fed for a part whose first row and column are these of the whole. */
  at(corner: { top: number; left: number }): Record<string, Tensor> {
    return Object.fromEntries(
      [...this.#inputs].map(([name, axes]) => {
        const shares = axes.map((axis) => window(axis, corner));
        const numbers = [...shares.map(([start]) => start), ...shares.map(([, end]) => end)];
        return [name, tensor([numbers.length], Float32Array.from(numbers))];
      }),
    );
  }

  #axis(from: string, to: string, axis: number): Axis {
    const { tile, whole } = this.#sizes;
    const at = (size: Size) => ({
      before: this.#planes.dims(from, size)[axis],
      after: this.#planes.dims(to, size)[axis],
    });
    const [before, after] = [from, to].map((value) => this.#planes.extents(value)![axis]);
    const side = sideOf(before);
    if (side === undefined) return { part: at(tile), whole: at(whole) };
    const perPixel = (extent: Extent) =>
      (side === 'top' ? extent.rows : extent.columns) / this.#planes.multipleOf;
    return {
      part: at(tile),
      whole: at(whole),
      along: { side, before: perPixel(before), after: perPixel(after) },
    };
  }
}

const sideOf = ({ rows, columns }: Extent): 'top' | 'left' | undefined =>
  rows !== 0 ? 'top' : columns !== 0 ? 'left' : undefined;

/**
 * ONNX samples a window at start * (n - 1) + i * (end - start) * (n - 1) / (m - 1); with aligned corners the whole is sampled at
 * i * (N - 1) / (M - 1).
 */
function window({ part, whole, along }: Axis, corner: { top: number; left: number }): [number, number] {
  if (along === undefined || part.before < 2 || part.after < 2) return [0, 1];
  const step = (whole.before - 1) / (whole.after - 1);
  const [first, last] = [along.before * corner[along.side], part.before - 1];
  const start = (along.after * corner[along.side] * step - first) / last;
  const end = start + (step * (part.after - 1)) / last;
  return [start, Math.abs(end - 1) < INSIDE ? 1 - INSIDE : end];
}
