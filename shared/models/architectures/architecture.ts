// What is known of a family of networks: which weights make it, and the graph that computes it.

import type { GeneratorIo, Side, StyleEntry } from '../entry.js';
import type { OnnxModel } from '../onnx/file.js';

/** Dims by key of the tensors in a checkpoint. */
export type Shapes = ReadonlyMap<string, readonly number[]>;

/** The numbers of one tensor as float32, row-major; the key is one of the plan's `tensors`. */
export type Weights = (key: string) => Float32Array;

/** What keys and shapes do not tell. */
export interface ArchitectureOptions {
  /** AnimeGANv2: whether its two enlargements align the corners (the published weights do); default true. */
  alignCorners?: boolean | undefined;
  /** CycleGAN of MindSpore, whose residual blocks share one set of weights: how often it is applied; default 9. */
  blocks?: number | undefined;
}

/** A network of the family, read off the keys and shapes of one checkpoint. */
export interface Plan {
  /** For people: what tells it from its sisters, such as `64 channels, 9 blocks, dropout`. */
  summary: string;
  /** The tensors that `emit` reads, with the dims that they must have. */
  tensors: Shapes;
  /** Tensors that may lie in the file and have no part in the drawing (counters, running statistics of instance norms). */
  ignores(key: string): boolean;
  /** The options that shape this network, as they were taken; all others would be without effect. */
  variant: ArchitectureOptions;
  /** Why nigaoe cannot use it although it knows the network, as the end of a sentence: "it draws 1 channel, ..."; absent where it can. */
  obstacle?: string | undefined;
  /** The network as a graph: input `picture`, output `drawing`, float32 [1,3,height,width] in `io`'s range, any sides that fit `side`. */
  emit(weights: Weights): OnnxModel;
}

/** A family of networks. */
export interface Architecture {
  id: string;
  /** For people: its name, and the framework whose files hold it. */
  title: string;
  io: GeneratorIo;
  side: Side;
  /** What scope `auto` means where the user does not say. */
  scope: StyleEntry['scope'];
  /** A key that each such network has once: what stands before it in a file is the name of a part. */
  telltale: string;
  /** The plan for a checkpoint, or undefined where it lacks the keys that tell the size of the network. */
  plan(shapes: Shapes, options: ArchitectureOptions): Plan | undefined;
}
