// The ops of the graph language, and the values that they make.
//
// All values are dense float32, row-major; masks are 0 and 1, indices whole numbers. A new op is one line in `OpAttributes`
// and one in each table that the compiler then asks for: shapes, gradients, ONNX, and the slow truth of the tests.

export type Dims = readonly number[];
type Nothing = Readonly<Record<never, never>>;

/** How a convolution walks: per spatial axis, rows first. Padding is zeros, before and after. */
export interface Walk {
  strides: readonly [number, number];
  /** Before rows, before columns, after rows, after columns. */
  pads: readonly [number, number, number, number];
  dilations: readonly [number, number];
  groups: number;
}

/** A walk with the size that it cannot tell itself: of the larger map for `convTranspose`, of the kernel for `convKernel`. */
export interface WalkTo extends Walk {
  size: readonly [number, number];
}

/** Windows that walk over a map; what lies beyond is never the largest. */
export interface Windows {
  size: readonly [number, number];
  strides: readonly [number, number];
  pads: Walk['pads'];
}

/** Which step of which training is run. */
export interface Turn {
  /** The first step is 1. */
  step: number;
  seed: number;
}
/** What to feed at a turn: a rate that falls, or noise. */
export type Fill = (turn: Turn) => Float32Array;

/** Each op with what it is told besides its inputs. */
export interface OpAttributes {
  /** A value that is fed at each run, under this name; with `fill` it tells itself what to feed. */
  input: { name: string; dims: Dims; fill?: Fill | undefined };
  /** Numbers that stay; a file that is emitted keeps their name. */
  constant: { dims: Dims; data: Float32Array; name?: string | undefined };
  /** The same value, which no gradient passes. */
  detach: Nothing;

  // Number by number; two inputs are broadcast as NumPy does.
  add: Nothing;
  subtract: Nothing;
  multiply: Nothing;
  divide: Nothing;
  /** The larger; the first where they are equal. */
  maximum: Nothing;
  /** 1 where the first is larger, else 0. */
  greater: Nothing;
  exp: Nothing;
  sin: Nothing;
  cos: Nothing;
  log: Nothing;
  sqrt: Nothing;
  abs: Nothing;
  tanh: Nothing;
  sigmoid: Nothing;
  erf: Nothing;
  relu: Nothing;
  leakyRelu: { slope: number };
  /** Along the last axis. */
  softmax: Nothing;
  logSoftmax: Nothing;

  /** Along the axes, which stay with size 1. */
  sum: { axes: readonly number[] };
  reshape: { dims: Dims };
  expand: { dims: Dims };
  transpose: { order: readonly number[] };
  /** From `start` up to, without, `end`, one pair per axis. */
  slice: { starts: readonly number[]; ends: readonly number[] };
  /** With zeros. */
  pad: { before: readonly number[]; after: readonly number[] };
  flip: { axis: number };
  concat: { axis: number };
  /** Rows of a table `[rows, ...]` by indices of any shape. */
  gather: Nothing;
  /** Adds rows `[...indices, ...]` at their indices into a table of that many rows. */
  scatterAdd: { rows: number };

  /** values, keys `[N, C, H, W]` -> the value at the place of each window's largest key (the first of equal ones). */
  pick: Windows;
  /** picked values, keys -> each at the place that it was picked from; zeros elsewhere. */
  unpick: Windows;

  /** `[..., n, k] x [..., k, m] -> [..., n, m]`, what stands before is broadcast. */
  matmul: Nothing;
  // The three sides of one map that is linear in each: x [N, C, H, W], kernel [K, C / groups, kh, kw], y [N, K, H', W'].
  /** x, kernel -> y */
  conv: Walk;
  /** y, kernel -> x: what a convolution does backwards. */
  convTranspose: WalkTo;
  /** x, y -> kernel: what each weight of the kernel has met. */
  convKernel: WalkTo;
}

export type OpKind = keyof OpAttributes;

/** A value of a graph: an op, what goes in, and the shape of what comes out. */
export interface Node<Kind extends OpKind = OpKind> {
  readonly kind: Kind;
  readonly inputs: readonly Node[];
  readonly attributes: OpAttributes[Kind];
  readonly dims: Dims;
}

/** Any node, for tables and walks that tell kinds apart. */
export type AnyNode = { [Kind in OpKind]: Node<Kind> }[OpKind];
