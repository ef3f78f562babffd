// Writes the operators of a frozen network at one size, with factors and offsets folded into the convolutions before them.

import { sizeOf } from '../../tensor.js';
import { type AttributeValue, GraphBuilder, type Value } from '../onnx/builder.js';
import type { Attribute, OnnxModel } from '../onnx/file.js';
import { type Affine, channelAxis, dimsOf, isInOrder, plainView, type Shape, type View } from './view.js';

/** A convolution that is not written yet: what follows may still change its weights. */
export interface Convolution {
  opType: 'Conv' | 'ConvTranspose';
  input: Value;
  kernel: { dims: readonly number[]; data: Float32Array };
  bias?: Float32Array | undefined;
  attribute: readonly Attribute[];
}

/** A border around a map: rows and columns before and after, as ONNX's Pad has them. */
export interface Border {
  from: View;
  pads: readonly number[];
  write(): Value;
}

/** By which affine maps every convolution is looked at, each by its key. */
export type Uses = ReadonlyMap<Value, ReadonlySet<string>>;

/** The graph under construction. It is written twice: the first round only finds out how convolutions are used. */
export class Emission {
  readonly builder = new GraphBuilder('frozen');
  readonly uses = new Map<Value, Set<string>>();
  readonly #known: Uses | undefined;
  readonly #convolutions = new Map<Value, Convolution>();
  readonly #reshapes = new Map<Value, { from: View; dims: readonly number[] }>();
  readonly #borders = new Map<Value, Border>();
  readonly #written = new Map<string, Value>();
  readonly #keys = new Map<string, string>();

  constructor(known?: Uses) {
    this.#known = known;
  }

  /** A convolution to be written when it is needed; its name is its own until then. */
  convolution(convolution: Convolution, shape: Shape): View {
    const name = `convolution ${this.#convolutions.size}`;
    this.#convolutions.set(name, convolution);
    return plainView(name, shape);
  }

  /** The same numbers in other dims, written when they are needed: what follows may lead back to where they came from. */
  reshape(from: View, shape: Shape): View {
    const name = `reshape ${this.#reshapes.size}`;
    this.#reshapes.set(name, { from, dims: shape.dims });
    return plainView(name, shape);
  }

  /** What a reshape was made of. */
  reshapedFrom(view: View): View | undefined {
    return isInOrder(view) ? this.#reshapes.get(view.base)?.from : undefined;
  }

  /** A map with a border around it, written when it is needed: convolutions may bring their own. */
  border(border: Border, shape: Shape): View {
    const name = `border ${this.#borders.size}`;
    this.#borders.set(name, border);
    return plainView(name, shape);
  }

  /** What stands within the border that is seen. */
  borderOf({ base }: View): Border | undefined {
    return this.#borders.get(base);
  }

  /** The operator on values, as a view of what it makes. */
  op(
    opType: string,
    inputs: readonly Value[],
    attributes: Record<string, AttributeValue> | readonly Attribute[],
    shape: Shape,
  ): View {
    return plainView(this.#op(opType, inputs, attributes, shape.dims), shape);
  }

  /** The value that is seen, in its order of axes. */
  value(view: View): Value {
    const base = this.inOrderOfBase(view);
    if (isInOrder(view)) return base;
    return this.#once(`${base} ${view.order.join()}`, () =>
      this.#op('Transpose', [base], { perm: view.order }, dimsOf(view)),
    );
  }

  /** The value that is seen, with the axes of its base. */
  inOrderOfBase({ base, shape, affine }: View): Value {
    const convolution = this.#convolutions.get(base);
    if (convolution === undefined) {
      const plain = this.#later(base);
      return affine === undefined ? plain : this.#applied(plain, shape, affine);
    }
    const key = this.#keyOf(affine);
    this.#note(base, key);
    const write = (written: Convolution) => () => this.#write(written, shape);
    if (affine === undefined) return this.#once(base, write(convolution));
    const isAlone = this.#known?.get(base)?.size === 1;
    const folded = isAlone ? foldedInto(convolution, affine) : undefined;
    if (folded !== undefined) return this.#once(`${base} ${key}`, write(folded));
    return this.#applied(this.#once(base, write(convolution)), shape, affine);
  }

  /** The model with that output; of a newer operator set, if what was copied is of one. */
  model(name: string, view: View, opset: number): OnnxModel {
    this.builder.output(name, this.value(view), dimsOf(view));
    const model = this.builder.model();
    const opsetImport = model.opsetImport.map((own) => ({ ...own, version: Math.max(own.version, opset) }));
    return { ...model, opsetImport };
  }

  /** Writes what was put off until it is needed. */
  #later(base: Value): Value {
    const border = this.#borders.get(base);
    if (border !== undefined) return this.#once(base, border.write);
    const reshape = this.#reshapes.get(base);
    if (reshape === undefined) return base;
    const { from, dims } = reshape;
    return this.#once(base, () => this.#op('Reshape', [this.value(from), this.builder.ints(dims)], {}, dims));
  }

  #write({ opType, input, kernel, bias, attribute }: Convolution, { dims }: Shape): Value {
    const weights = [this.builder.weight(kernel.dims, kernel.data)];
    if (bias !== undefined) weights.push(this.builder.weight([bias.length], bias));
    return this.#op(opType, [input, ...weights], attribute, dims);
  }

  #applied(base: Value, shape: Shape, affine: Affine): Value {
    return this.#once(`${base} ${this.#keyOf(affine)}`, () => this.#multiplied(base, shape, affine));
  }

  /** As a convolution of one product per number where it can be: it takes a following activation into the same pass. */
  #multiplied(base: Value, shape: Shape, { scale, shift }: Affine): Value {
    const { builder } = this;
    const [factor, offset] = [Float32Array.from(scale), Float32Array.from(shift)];
    const channel = channelAxis(shape);
    const isPlanar = shape.dims.length === 4 && channel === 1 && factor.length === shape.dims[1];
    if (isPlanar) {
      const kernel = builder.weight([factor.length, 1, 1, 1], factor);
      const bias = builder.weight([factor.length], offset);
      return this.#op(
        'Conv',
        [base, kernel, bias],
        { kernel_shape: [1, 1], group: factor.length },
        shape.dims,
      );
    }
    const dims = shape.dims.map((_, axis) => (axis === channel ? factor.length : 1));
    const scaled = builder.op('Mul', [base, builder.weight(dims, factor)]);
    return builder.op('Add', [scaled, builder.weight(dims, offset)]);
  }

  #op(
    opType: string,
    inputs: readonly Value[],
    attributes: Record<string, AttributeValue> | readonly Attribute[],
    dims: readonly number[],
  ): Value {
    const value = isList(attributes)
      ? this.builder.copy(opType, inputs, attributes)
      : this.builder.op(opType, inputs, attributes);
    this.builder.describe(value, dims);
    return value;
  }

  #once(key: string, write: () => Value): Value {
    const value = this.#written.get(key) ?? write();
    this.#written.set(key, value);
    return value;
  }

  #note(base: Value, key: string): void {
    const uses = this.uses.get(base) ?? new Set<string>();
    this.uses.set(base, uses.add(key));
  }

  /** A name for an affine map, the same in both rounds. */
  #keyOf(affine: Affine | undefined): string {
    if (affine === undefined) return '';
    const numbers = `${affine.scale.join()} ${affine.shift.join()}`;
    const key = this.#keys.get(numbers) ?? `affine ${this.#keys.size}`;
    this.#keys.set(numbers, key);
    return key;
  }
}

const isList = (
  attributes: Record<string, AttributeValue> | readonly Attribute[],
): attributes is readonly Attribute[] => Array.isArray(attributes);

/** The convolution with its outputs scaled and shifted: so are its kernels and its bias. */
function foldedInto(convolution: Convolution, { scale, shift }: Affine): Convolution | undefined {
  const { opType, kernel, bias, attribute } = convolution;
  const isGrouped = attribute.some(({ name, i }) => name === 'group' && i !== undefined && i > 1);
  if (opType === 'ConvTranspose' && isGrouped) return undefined;
  const [outputs, inner] =
    opType === 'Conv'
      ? [kernel.dims[0], sizeOf(kernel.dims.slice(1))]
      : [kernel.dims[1], sizeOf(kernel.dims.slice(2))];
  if (outputs !== scale.length) return undefined;
  const data = kernel.data.map((weight, at) => weight * scale[Math.floor(at / inner) % outputs]);
  return {
    ...convolution,
    kernel: { dims: kernel.dims, data },
    bias: Float32Array.from(shift, (offset, c) => offset + scale[c] * (bias?.[c] ?? 0)),
  };
}
