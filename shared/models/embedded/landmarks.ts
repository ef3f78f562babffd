// The 68-landmark network of face-api.js (densely connected separable convolutions) as an ONNX graph.

import { GraphBuilder, type Value } from '../onnx/builder.js';
import type { OnnxModel } from '../onnx/file.js';
import { conv, layerOf, normalize, separableConv, vector, type Weights } from './layers.js';
import type { Variable } from './weights.js';

const MEAN_RGB = [122.782, 117.001, 104.298];
const SIDE_PX = 112;
const SAME = [1, 1, 1, 1];
// TensorFlow's "same" at stride 2 over an even side pads right and bottom only.
const SAME_HALVED = [0, 0, 1, 1];

/** Input `pixels` `[N,3,112,112]`, RGB 0..255; output `points` `[N,136]`: x and y in units of the crop's side. */
export function landmarksGraph(variables: ReadonlyMap<string, Variable>): OnnxModel {
  const graph = new GraphBuilder('landmarks-68');
  const layer = (name: string) => layerOf(variables, name);
  let x = normalize(graph, graph.input('pixels', ['faces', 3, SIDE_PX, SIDE_PX]), MEAN_RGB);
  for (const block of ['dense0', 'dense1', 'dense2', 'dense3']) {
    const first = block === 'dense0' ? firstConv : halvingConv;
    x = denseBlock(graph, first(graph, x, layer(`${block}/conv0`)), (index) =>
      layer(`${block}/conv${index}`),
    );
  }
  x = graph.op('AveragePool', [x], { kernel_shape: [7, 7], strides: [2, 2] });
  x = graph.op('Flatten', [x], { axis: 1 });
  x = graph.op('Gemm', [x, vector(graph, layer('fc')('weights')), vector(graph, layer('fc')('bias'))]);
  graph.output('points', x, ['faces', 136]);
  return graph.model();
}

const firstConv = (graph: GraphBuilder, x: Value, weights: Weights): Value =>
  relu(graph, conv(graph, x, weights, { strides: [2, 2], pads: SAME_HALVED }));

const halvingConv = (graph: GraphBuilder, x: Value, weights: Weights): Value =>
  relu(graph, separableConv(graph, x, weights, SAME_HALVED, 2));

/** Three convolutions over growing sums: each takes the rectified sum of all that came before. */
function denseBlock(graph: GraphBuilder, first: Value, layer: (index: number) => Weights): Value {
  let sum = first;
  for (let index = 1; index <= 3; index++) {
    const input = index === 1 ? sum : relu(graph, sum);
    sum = graph.op('Add', [sum, separableConv(graph, input, layer(index), SAME)]);
  }
  return relu(graph, sum);
}

const relu = (graph: GraphBuilder, x: Value): Value => graph.op('Relu', [x]);
