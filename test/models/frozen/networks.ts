// Tiny networks on pictures of any size, with random weights, for everything that is cut.

import { type AttributeValue, float, GraphBuilder, type Value } from '../../../shared/models/onnx/builder.js';
import type { OnnxModel } from '../../../shared/models/onnx/file.js';
import { sizeOf } from '../../../shared/tensor.js';
import { random } from '../../fixtures/tiny-gan.js';

type Attributes = Record<string, AttributeValue>;

/** Writes a network; channels stand where `layout` says. */
export class Layers {
  readonly graph = new GraphBuilder('network');
  readonly #next = random(11);

  readonly opset: number;

  constructor(opset: number) {
    this.opset = opset;
  }

  op(opType: string, inputs: readonly Value[], attributes: Attributes = {}): Value {
    return this.graph.op(opType, inputs, attributes);
  }

  /** Random numbers around `centre`. */
  weight(dims: readonly number[], centre = 0): Value {
    return this.graph.weight(
      dims,
      Float32Array.from({ length: sizeOf(dims) }, () => centre + this.#next()),
    );
  }

  ints(...values: number[]): Value {
    return this.graph.ints(values);
  }

  /** A convolution `[to, from, ...kernel]` with a bias. */
  conv(x: Value, dims: readonly number[], attributes: Attributes = {}): Value {
    return this.op('Conv', [x, this.weight(dims), this.weight([dims[0]])], {
      kernel_shape: dims.slice(2),
      ...attributes,
    });
  }

  /** 3 x 3 between zeros. */
  conv3(x: Value, from: number, to: number): Value {
    return this.conv(x, [to, from, 3, 3], { pads: [1, 1, 1, 1] });
  }

  /** Borders of so many rows and columns all around. */
  padded(x: Value, by: number, mode = 'reflect'): Value {
    const pads = [0, 0, by, by, 0, 0, by, by];
    return this.opset < 11
      ? this.op('Pad', [x], { mode, pads })
      : this.op('Pad', [x, this.ints(...pads)], { mode });
  }

  instanceNorm(x: Value, channels: number): Value {
    const given = [x, this.weight([channels], 1), this.weight([channels])];
    return this.op('InstanceNormalization', given, { epsilon: float(1e-3) });
  }

  /** A reduction as the operator set spells it. */
  reduce(opType: string, x: Value, axes: readonly number[], keepdims = 1): Value {
    const newFrom = opType === 'ReduceSum' ? 13 : 18;
    return this.opset < newFrom
      ? this.op(opType, [x], { axes, keepdims })
      : this.op(opType, [x, this.ints(...axes)], { keepdims });
  }

  /** One dim of a value, as a list of one. */
  dim(x: Value, axis: number): Value {
    return this.op('Gather', [this.op('Shape', [x]), this.ints(axis)]);
  }
}

export interface NetworkOptions {
  opset?: number;
  layout?: 'nchw' | 'nhwc';
}

/** A network that hands its picture through `build`: planes in, planes out, whatever the layout at its doors. */
export function network(
  build: (x: Value, layers: Layers) => Value,
  { opset = 18, layout = 'nchw' }: NetworkOptions = {},
): OnnxModel {
  const layers = new Layers(opset);
  const { graph } = layers;
  const dims = layout === 'nchw' ? [1, 3, 'height', 'width'] : [1, 'height', 'width', 3];
  const picture = graph.input('picture', dims);
  const planes = layout === 'nchw' ? picture : graph.op('Transpose', [picture], { perm: [0, 3, 1, 2] });
  const drawn = build(planes, layers);
  const drawing = layout === 'nchw' ? drawn : graph.op('Transpose', [drawn], { perm: [0, 2, 3, 1] });
  graph.output('drawing', drawing, dims);
  return { ...graph.model(), opsetImport: [{ domain: '', version: opset }] };
}
