// The layers of the two face networks, written through our ONNX builder from TensorFlow-layout variables.

import { type AttributeValue, float, type GraphBuilder, type Value } from '../onnx/builder.js';
import type { Variable } from './weights.js';

/** Looks a variable up by its name within one layer. */
export type Weights = (name: string) => Variable;

/** Restricts a weight map to one layer's prefix; throws where a variable is missing. */
export function layerOf(variables: ReadonlyMap<string, Variable>, prefix: string): Weights {
  return (name) => {
    const variable = variables.get(`${prefix}/${name}`);
    if (!variable) throw new Error(`Expected variable ${prefix}/${name} in the weights of face-api`);
    return variable;
  };
}

/** Bytes 0..255 to the networks' own range: (x - mean) / 255 per channel. */
export function normalize(graph: GraphBuilder, pixels: Value, meanRgb: readonly number[]): Value {
  const centred = graph.op('Sub', [pixels, graph.weight([1, 3, 1, 1], Float32Array.from(meanRgb))]);
  return graph.op('Div', [centred, graph.scalar(255)]);
}

/** Convolution with bias. */
export function conv(
  graph: GraphBuilder,
  x: Value,
  weights: Weights,
  attributes: Record<string, AttributeValue>,
): Value {
  const kernel = weights('filters');
  return graph.op('Conv', [x, oihw(graph, kernel), vector(graph, weights('bias'))], {
    kernel_shape: kernel.shape.slice(0, 2),
    ...attributes,
  });
}

/** Depthwise 3x3, then pointwise 1x1 with bias. */
export function separableConv(
  graph: GraphBuilder,
  x: Value,
  weights: Weights,
  pads: readonly number[],
  stride = 1,
): Value {
  const depthwise = weights('depthwise_filter');
  const [height, width, channels] = depthwise.shape;
  const spatial = graph.op('Conv', [x, graph.weight([channels, 1, height, width], transposed(depthwise))], {
    kernel_shape: [height, width],
    group: channels,
    strides: [stride, stride],
    pads,
  });
  const pointwise = oihw(graph, weights('pointwise_filter'));
  return graph.op('Conv', [spatial, pointwise, vector(graph, weights('bias'))], { kernel_shape: [1, 1] });
}

export const leakyRelu = (graph: GraphBuilder, x: Value): Value =>
  graph.op('LeakyRelu', [x], { alpha: float(0.1) });

export const vector = (graph: GraphBuilder, { shape, data }: Variable): Value => graph.weight(shape, data);

/** A kernel from TensorFlow's HWIO to ONNX's OIHW. */
function oihw(graph: GraphBuilder, kernel: Variable): Value {
  const [height, width, input, output] = kernel.shape;
  return graph.weight([output, input, height, width], transposed(kernel));
}

/** HWIO -> OIHW; a depthwise kernel HWC1 -> C1HW is the same turn with input and output exchanged. */
function transposed({ shape: [height, width, input, output], data }: Variable): Float32Array {
  const turned = new Float32Array(data.length);
  for (let at = 0; at < data.length; at++) {
    const o = at % output;
    const i = Math.trunc(at / output) % input;
    const yx = Math.trunc(at / (output * input));
    turned[(o * input + i) * height * width + yx] = data[at];
  }
  return turned;
}
