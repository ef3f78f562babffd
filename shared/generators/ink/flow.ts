// The flow of edges: which way lines run, and means along that way. Flow-based lines (Kang, Lee and Chui 2007,
// "Coherent line drawing") without gathers, which not every provider has: a bank of oriented line kernels (as in Lu, Xu
// and Jia 2012, "Combining sketch and tone"), mixed at every pixel by the structure tensor.

import type { GraphBuilder, Value } from '../../models/onnx/builder.js';
import { gaussianBlur, reachOf } from './blur.js';
import { add, channels, combine, div, extendAll, mul, sub, total } from './plane.js';

/** Directions in the bank, 22.5 degrees apart: finer ones cannot be told apart with kernels this short. */
const DIRECTIONS = 8;
const ANGLES_RAD = Array.from({ length: DIRECTIONS }, (_, i) => (i * Math.PI) / DIRECTIONS);
/** Sigma of a line kernel across its direction: one pixel thin. */
const ACROSS_PX = 0.45;
/** Shorter kernels than this hold one pixel only. */
const MIN_SIGMA_PX = 0.8;
/** Squared gradient that counts as none: a tenth of a level per pixel. */
const FLAT = 1e-6;

/** Weights of the bank at every pixel, `[1,8,H,W]`, of sum 1: by direction where edges agree, equal where not. */
export function flowOf(graph: GraphBuilder, plane: Value, sigmaPx: number): Value {
  const tensor = gaussianBlur(graph, structureTensor(graph, plane), [sigmaPx, sigmaPx, sigmaPx]);
  const energy = add(graph, channels(graph, tensor, 2, 3), FLAT);
  return directionWeights(graph, div(graph, channels(graph, tensor, 0, 2), energy));
}

/** The mean of a plane along the flow. */
export function meanAlongFlow(graph: GraphBuilder, plane: Value, weights: Value, sigmaPx: number): Value {
  const bank = lineKernels(Math.max(MIN_SIGMA_PX, sigmaPx));
  const extended = extendAll(graph, plane, bank.reachPx);
  const means = graph.op('Conv', [extended, graph.weight(bank.dims, bank.data)], {
    kernel_shape: bank.dims.slice(2),
  });
  return total(graph, mul(graph, means, weights));
}

/** Three channels: the gradient at twice its angle (dx^2 - dy^2, 2 dx dy) and its square dx^2 + dy^2. */
function structureTensor(graph: GraphBuilder, plane: Value): Value {
  const { dx, dy } = gradient(graph, plane);
  const [xx, yy, xy] = [mul(graph, dx, dx), mul(graph, dy, dy), mul(graph, dx, dy)];
  return graph.op('Concat', [sub(graph, xx, yy), mul(graph, xy, 2), add(graph, xx, yy)], { axis: 1 });
}

/** Derivatives by the kernels of Scharr, whose directions are truer than those of Sobel. */
function gradient(graph: GraphBuilder, plane: Value): { dx: Value; dy: Value } {
  const dx = [-3, 0, 3, -10, 0, 10, -3, 0, 3].map((weight) => weight / 32);
  const dy = [-3, -10, -3, 0, 0, 0, 3, 10, 3].map((weight) => weight / 32);
  const kernels = graph.weight([2, 1, 3, 3], Float32Array.from([...dx, ...dy]));
  const both = graph.op('Conv', [extendAll(graph, plane, 1), kernels], { kernel_shape: [3, 3] });
  return { dx: channels(graph, both, 0, 1), dy: channels(graph, both, 1, 2) };
}

/**
 * ((1 + c cos 2a) / 2)^4 for the angle a between a kernel and the line, made to sum up to 1.
 * @param across the gradient at twice its angle; its length c, 0..1, is how well the edges agree
 */
function directionWeights(graph: GraphBuilder, across: Value): Value {
  // A line runs at right angles to the gradient: at twice the angle that is the other sign.
  const rows = ANGLES_RAD.map((angleRad) => [-Math.cos(2 * angleRad) / 2, -Math.sin(2 * angleRad) / 2]);
  const agreement = add(graph, combine(graph, across, rows), 0.5);
  const squared = mul(graph, agreement, agreement);
  const strict = mul(graph, squared, squared);
  return div(graph, strict, total(graph, strict));
}

function lineKernels(sigmaPx: number): { reachPx: number; dims: number[]; data: Float32Array } {
  const reachPx = reachOf(sigmaPx);
  const side = 2 * reachPx + 1;
  const data = ANGLES_RAD.flatMap((angleRad) => lineKernel(angleRad, sigmaPx, reachPx));
  return { reachPx, dims: [DIRECTIONS, 1, side, side], data: Float32Array.from(data) };
}

/** A Gaussian along a direction (y grows downwards) and thin across it, of sum 1. */
function lineKernel(angleRad: number, sigmaPx: number, reachPx: number): number[] {
  const side = 2 * reachPx + 1;
  const weights = Array.from({ length: side * side }, (_, i) => {
    const x = (i % side) - reachPx;
    const y = Math.floor(i / side) - reachPx;
    const along = (x * Math.cos(angleRad) + y * Math.sin(angleRad)) / sigmaPx;
    const across = (y * Math.cos(angleRad) - x * Math.sin(angleRad)) / ACROSS_PX;
    return Math.exp(-(along ** 2 + across ** 2) / 2);
  });
  const sum = weights.reduce((all, weight) => all + weight, 0);
  return weights.map((weight) => weight / sum);
}
