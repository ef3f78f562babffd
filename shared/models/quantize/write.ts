// Writes a network whose convolutions work on bytes, in the form that every ONNX runtime knows: each value between two
// operators goes through QuantizeLinear and DequantizeLinear, and the runtime makes one operator on bytes of what lies
// between. What only moves numbers moves the bytes themselves.

import { prune } from '../cpu/rewrite.js';
import { GraphBuilder, type Value } from '../onnx/builder.js';
import { DATA_TYPE, type Graph, type Node, type OnnxModel } from '../onnx/file.js';
import { floatsOf } from '../onnx/tensor-proto.js';
import type { Layers } from './layers.js';
import { type Form, type Step, weightBytes } from './steps.js';

export interface BytePlan {
  layers: Layers;
  /** Convolutions that work on bytes; all others stay as they are. */
  convolutions: readonly Node[];
  /** The step of a value that is no moved copy of another. */
  stepOf(value: Value): Step;
  form: Form;
}

/** A copy of the model with bytes by the plan, which was made for its very graph; its weights are shared. */
export function withBytes(model: OnnxModel, plan: BytePlan): OnnxModel {
  const graph: Graph = {
    ...model.graph,
    initializer: [...model.graph.initializer],
    valueInfo: [...model.graph.valueInfo],
  };
  const builder = new GraphBuilder(graph);
  graph.node = [];
  const writer = new ByteWriter(graph, builder, plan);
  for (const node of model.graph.node) writer.add(node);
  prune(graph);
  return { ...model, graph };
}

/** A value as bytes. */
interface Bytes {
  /** The bytes themselves. */
  packed: Value;
  /** The numbers that they stand for. */
  numbers: Value;
}

/** Above this a bias, counted in products of two steps, could leave 32 bits. */
const MOST_BIAS = 2 ** 30;

class ByteWriter {
  readonly #working: ReadonlySet<Node>;
  readonly #known = new Map<Value, Bytes>();
  readonly #steps = new Map<Value, readonly [scale: Value, zero: Value]>();

  constructor(
    readonly graph: Graph,
    readonly builder: GraphBuilder,
    readonly plan: BytePlan,
  ) {
    this.#working = plan.layers.nodesWith(plan.convolutions);
  }

  add(node: Node): void {
    if (!this.#working.has(node)) this.graph.node.push(node);
    else if (this.plan.layers.isMoving(node)) this.#move(node);
    else this.#compute(node);
  }

  /** The bytes of a value; of one that is made of numbers, they are made here. */
  #bytesOf(value: Value): Bytes {
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const packed = this.builder.op('QuantizeLinear', [value, ...this.#stepOf(value)]);
    const numbers = this.builder.op('DequantizeLinear', [packed, ...this.#stepOf(value)]);
    return this.#note(value, { packed, numbers });
  }

  #note(value: Value, bytes: Bytes): Bytes {
    this.#known.set(value, bytes);
    return bytes;
  }

  #stepOf(value: Value): readonly [scale: Value, zero: Value] {
    const root = this.plan.layers.rootOf(value);
    const known = this.#steps.get(root);
    if (known !== undefined) return known;
    const { scale, zero } = this.plan.stepOf(root);
    const byte = this.plan.form.maps === 'uint8' ? Uint8Array.of(zero) : Int8Array.of(zero);
    const names = [
      this.builder.weight([], Float32Array.of(scale)),
      this.builder.smallInts([], byte),
    ] as const;
    this.#steps.set(root, names);
    return names;
  }

  #move(node: Node): void {
    const [value] = node.output;
    const packed = `nigaoe.bytes/${value}`;
    const [map, ...rest] = node.input;
    const input = [this.#bytesOf(map).packed, ...(node.opType === 'Pad' ? this.#padding(map, rest) : rest)];
    this.graph.node.push({ ...node, input, output: [packed] });
    this.#unpack(packed, value);
  }

  /** What a border is filled with is a byte too: the one that stands for 0. */
  #padding(map: Value, [pads, value, ...axes]: readonly Value[]): Value[] {
    if (!value && axes.length === 0) return [pads];
    return [pads, this.#stepOf(map)[1], ...axes];
  }

  #compute(node: Node): void {
    const [value] = node.output;
    const { layers } = this.plan;
    const maps = layers.mapsOf(node).map((map) => this.#bytesOf(map).numbers);
    const rest = node.input.slice(maps.length);
    if (node.opType === 'Conv') this.#declare(this.#bytesOf(node.input[0]).packed);
    const input = [...maps, ...(node.opType === 'Conv' ? this.#weightsOf(node) : rest)];
    if (layers.isAbsorbed(node, this.#working)) {
      this.graph.node.push({ ...node, input });
      this.#note(value, { packed: value, numbers: value });
      return;
    }
    const exact = `nigaoe.exact/${value}`;
    this.graph.node.push({ ...node, input, output: [exact] });
    this.#unpack(this.builder.op('QuantizeLinear', [exact, ...this.#stepOf(value)]), value);
  }

  /** onnxruntime lays channels last only where it knows that a map has four axes, and behind some shapes it has lost count. */
  #declare(packed: Value): void {
    if (this.graph.valueInfo.some(({ name }) => name === packed)) return;
    const elemType = DATA_TYPE[this.plan.form.maps];
    const type = { tensorType: { elemType, shape: { dim: [{}, {}, {}, {}] } } };
    this.graph.valueInfo.push({ name: packed, type });
  }

  /** Whoever reads the value goes on reading it by its name: what its bytes stand for. */
  #unpack(packed: Value, value: Value): void {
    const input = [packed, ...this.#stepOf(value)];
    this.graph.node.push({ opType: 'DequantizeLinear', input, output: [value], attribute: [] });
    this.#note(value, { packed, numbers: value });
  }

  /** Kernel and bias of a convolution. */
  #weightsOf(node: Node): Value[] {
    const form = this.plan.form.weights;
    const weights = new Map(this.graph.initializer.map((weight) => [weight.name ?? '', weight] as const));
    const kernel = weights.get(node.input[1])!;
    const bias = node.input[2] ? floatsOf(weights.get(node.input[2])!) : undefined;
    const [outputs] = kernel.dims;
    const { scale: mapScale } = this.plan.stepOf(this.plan.layers.rootOf(node.input[0]));
    const leastScale = (channel: number) => Math.abs(bias?.[channel] ?? 0) / (mapScale * MOST_BIAS);
    const { bytes, scales, zero } = weightBytes(floatsOf(kernel), outputs, { form, leastScale });
    const zeros = form.type === 'uint8' ? new Uint8Array(scales.length) : new Int8Array(scales.length);
    const packed = this.builder.smallInts(kernel.dims, bytes);
    const read = this.#constant(packed, { scales, zeros: zeros.fill(zero), form });
    return bias === undefined ? [read] : [read, this.#biasOf(bias, { scales, mapScale, form })];
  }

  /** Biases are counted in the unit of the sums that they are added to. */
  #biasOf(
    bias: Float32Array,
    { scales, mapScale, form }: { scales: Float32Array; mapScale: number; form: Form['weights'] },
  ): Value {
    const units = scales.map((scale) => scale * mapScale);
    const counts = Int32Array.from(bias, (number, at) =>
      Math.round(number / units[form.perChannel ? at : 0]),
    );
    const packed = this.builder.smallInts([bias.length], counts);
    return this.#constant(packed, { scales: units, zeros: new Int32Array(units.length), form });
  }

  #constant(
    packed: Value,
    {
      scales,
      zeros,
      form,
    }: { scales: Float32Array; zeros: Uint8Array | Int8Array | Int32Array; form: Form['weights'] },
  ): Value {
    const dims = form.perChannel ? [scales.length] : [];
    const step = [this.builder.weight(dims, scales), this.builder.smallInts(dims, zeros)];
    return this.builder.op('DequantizeLinear', [packed, ...step], form.perChannel ? { axis: 0 } : {});
  }
}

/** Whether a model works on bytes already. */
export const hasBytes = ({ graph }: OnnxModel): boolean =>
  graph.node.some(({ opType }) =>
    /^(QuantizeLinear|DynamicQuantizeLinear|QLinear\w+|ConvInteger)$/.test(opType),
  );
