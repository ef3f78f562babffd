// The tiny face detector of face-api.js (a small YOLOv2 of separable convolutions) as an ONNX graph.

import { GraphBuilder, type Value } from '../onnx/builder.js';
import type { OnnxModel } from '../onnx/file.js';
import { conv, layerOf, leakyRelu, normalize, separableConv } from './layers.js';
import type { Variable } from './weights.js';

const MEAN_RGB = [117.001, 114.697, 97.404];

/**
 * Input `pixels` `[1,3,H,W]`, RGB 0..255, sides multiples of 32; output `cells` `[1,25,H/32,W/32]`: five anchors of
 * (x, y, width, height, score) logits.
 */
export function detectorGraph(variables: ReadonlyMap<string, Variable>): OnnxModel {
  const graph = new GraphBuilder('face-detector');
  const layer = (index: number) => layerOf(variables, `conv${index}`);
  let x = normalize(graph, graph.input('pixels', [1, 3, 'height', 'width']), MEAN_RGB);
  x = leakyRelu(graph, conv(graph, x, layer(0), {}));
  for (let index = 1; index <= 5; index++) {
    x = leakyRelu(graph, separableConv(graph, halve(graph, x), layer(index), [1, 1, 1, 1]));
  }
  x = conv(graph, keepSize(graph, x), layer(8), {});
  graph.output('cells', x, [1, 25, 'rows', 'columns']);
  return graph.model();
}

const halve = (graph: GraphBuilder, x: Value): Value =>
  graph.op('MaxPool', [x], { kernel_shape: [2, 2], strides: [2, 2], auto_pad: 'SAME_UPPER' });

const keepSize = (graph: GraphBuilder, x: Value): Value =>
  graph.op('MaxPool', [x], { kernel_shape: [2, 2], strides: [1, 1], auto_pad: 'SAME_UPPER' });
