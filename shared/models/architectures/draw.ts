// Writes a network that is given as data as an ONNX graph.

import { NigaoeError } from '../../errors.js';
import { GraphBuilder, type Value } from '../onnx/builder.js';
import type { OnnxModel } from '../onnx/file.js';
import type { Weights } from './architecture.js';
import { foldBatchNorm } from './batch-norm.js';
import { enlarge, levels } from './enlarge.js';
import {
  type ConvWeights,
  conv,
  convTranspose,
  instanceNorm,
  layerNorm,
  leakyRelu,
  reflectPad,
  relu,
  tanh,
} from './layers.js';
import type { Activation, Block, Convolution, Norm, Step } from './network.js';
import { shareEqualWeights } from './shared-weights.js';

const PLANES = [1, 3, 'height', 'width'];

/** Where the graph grows, and where its numbers come from. */
interface Pen {
  graph: GraphBuilder;
  weights: Weights;
}

/** The steps as a model from `picture` to `drawing`. */
export function drawNetwork(name: string, steps: readonly Step[], weights: Weights): OnnxModel {
  const graph = new GraphBuilder(name);
  graph.output('drawing', drawSteps({ graph, weights }, graph.input('picture', PLANES), steps), PLANES);
  const model = graph.model();
  shareEqualWeights(model.graph);
  return model;
}

const drawSteps = (pen: Pen, x: Value, steps: readonly Step[]): Value =>
  steps.reduce((value, step) => drawStep(pen, value, step), x);

function drawStep(pen: Pen, x: Value, step: Step): Value {
  if (step.kind === 'block') return drawBlock(pen, x, step);
  if (step.kind === 'residual') return pen.graph.op('Add', [x, drawSteps(pen, x, step.steps)]);
  return step.kind === 'enlarge' ? enlarge(pen.graph, x, step.by) : levels(pen.graph, x, step);
}

function drawBlock(pen: Pen, x: Value, block: Block): Value {
  const convolved = drawConvolution(pen, x, block);
  const normed = drawNorm(pen, convolved, block);
  return drawActivation(pen.graph, normed, block.activation);
}

function drawConvolution({ graph, weights }: Pen, x: Value, block: Block): Value {
  const { border, conv: convolution } = block;
  const { stride, depthwise, from, transposed } = convolution;
  const numbers = weightsOf(block, weights);
  if (transposed) return convTranspose(graph, x, numbers, { stride, pads: border?.margins });
  const groups = depthwise ? from : 1;
  if (border?.fill !== 'reflect') return conv(graph, x, numbers, { stride, groups, pads: border?.margins });
  return conv(graph, reflectPad(graph, x, border.margins), numbers, { stride, groups });
}

function drawNorm({ graph, weights }: Pen, x: Value, { norm, conv: { to } }: Block): Value {
  // A batch norm is part of its convolution by now.
  if (norm === undefined || norm.kind === 'batch') return x;
  const how = { channels: to, epsilon: norm.epsilon, ...affineOf(norm, weights) };
  return norm.kind === 'layer' ? layerNorm(graph, x, how) : instanceNorm(graph, x, how);
}

function drawActivation(graph: GraphBuilder, x: Value, activation: Activation | undefined): Value {
  if (activation === undefined) return x;
  if (activation === 'relu') return relu(graph, x);
  return activation === 'tanh' ? tanh(graph, x) : leakyRelu(graph, x, activation.leaky);
}

/** The numbers of a convolution, in ONNX's order and with its batch norm inside. */
function weightsOf({ conv: convolution, norm }: Block, weights: Weights): ConvWeights {
  const plain = storedWeights(convolution, weights);
  return norm?.kind === 'batch' ? foldBatchNorm(plain, convolution, statisticsOf(norm, weights)) : plain;
}

function storedWeights({ kernel, bias, ...shape }: Convolution, weights: Weights): ConvWeights {
  const { from, to, sidePx, depthwise, transposed, layout } = shape;
  const reads = depthwise ? 1 : from;
  const dims = [...(transposed ? [reads, to] : [to, reads]), sidePx, sidePx];
  const numbers = layout === 'hwio' ? outermostFirst(weights(kernel), dims) : weights(kernel);
  return { dims, kernel: numbers, bias: bias === undefined ? undefined : weights(bias) };
}

/** [height, width, inner, outer] -> [outer, inner, height, width]; `dims` are those of the result. */
function outermostFirst(stored: Float32Array, [outer, inner, height, width]: readonly number[]) {
  const ordered = new Float32Array(stored.length);
  const plane = height * width;
  for (let at = 0; at < stored.length; at++) {
    const o = at % outer;
    const i = Math.floor(at / outer) % inner;
    const place = Math.floor(at / (outer * inner));
    ordered[(o * inner + i) * plane + place] = stored[at];
  }
  return ordered;
}

function statisticsOf(norm: Extract<Norm, { kind: 'batch' }>, weights: Weights) {
  const variance = weights(norm.variance);
  if (variance.some((value) => value < 0)) throw negativeVariance(norm.variance);
  return { epsilon: norm.epsilon, mean: weights(norm.mean), variance, ...affineOf(norm, weights) };
}

const affineOf = ({ scale, shift }: Norm, weights: Weights) => ({
  scale: scale === undefined ? undefined : weights(scale),
  shift: shift === undefined ? undefined : weights(shift),
});

function negativeVariance(key: string): NigaoeError {
  return new NigaoeError('model-corrupt', `Expected variances for ${key} but some are negative`, {
    hint: 'The file is damaged: fetch it again.',
  });
}
