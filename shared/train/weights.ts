// The numbers that a network learns and keeps, by the names of PyTorch's state dicts: declared where a layer takes them, and
// written where a step renews them.

import { randomFor } from '../random.js';
import { sizeOf, type Tensor, tensor } from '../tensor.js';
import { constant, detach, input } from './arithmetic.js';
import type { Dims, Node } from './ops.js';

/** What numbers begin with: all the same, spread evenly within a bound, bell-shaped, a copy of others, or given ones. */
export type Start =
  | number
  | { uniform: number }
  | { normal: number }
  | { copyOf: string }
  | { numbers: () => Float32Array };
/** How kernels and biases begin that sum `fanIn` products for each of their outputs. */
export type StartRule = (role: 'kernel' | 'bias', fanIn: number) => Start;

/** What PyTorch starts its linear maps and convolutions with (He et al. 2015, with a = sqrt(5)). */
export const uniformStart: StartRule = (_, fanIn) => ({ uniform: 1 / Math.sqrt(fanIn) });
/** What GANs start with (Radford et al. 2016): N(0, 0.02), no bias. */
export const gaussianStart: StartRule = (role) => (role === 'kernel' ? { normal: 0.02 } : 0);

/** The values of a training between two steps, by name. */
export type State = Map<string, Tensor>;

interface Declared {
  readonly dims: Dims;
  readonly start: Start;
  /** Learned by gradients, as opposed to kept beside: moments, running statistics, averages. */
  readonly isLearned: boolean;
}

interface WeightsOptions {
  /** Whether layers behave as in training (batch statistics, dropout) or as in use; default true. */
  training?: boolean;
  /** Given, all numbers are these constants: networks for use are drawn so. */
  values?: ReadonlyMap<string, Tensor> | undefined;
  start?: StartRule;
}

/** What all that is under one graph share, by full name. */
interface Numbers {
  readonly values: WeightsOptions['values'];
  readonly declared: Map<string, Declared>;
  /** What a name stands for at this place of the graph: the value before the step, or what an earlier part made of it. */
  readonly current: Map<string, Node>;
  readonly updates: Map<string, Node>;
  readonly uses: Map<string, number>;
}

/** The numbers of one graph, seen from under a prefix of their names. */
export class Weights {
  readonly training: boolean;
  readonly start: StartRule;
  readonly #prefix: string;
  readonly #all: Numbers;

  constructor(options: WeightsOptions = {}, { all, prefix = '' }: { all?: Numbers; prefix?: string } = {}) {
    const { training = true, start = uniformStart, values } = options;
    this.training = training;
    this.start = start;
    this.#prefix = prefix;
    const none = () => ({ declared: new Map(), current: new Map(), updates: new Map(), uses: new Map() });
    this.#all = all ?? { values, ...none() };
  }

  /** The same numbers, with names that begin with `prefix` and a dot. */
  under(prefix: string | number): Weights {
    const { training, start } = this;
    return new Weights({ training, start }, { all: this.#all, prefix: `${this.#prefix}${prefix}.` });
  }

  /** Numbers that gradients change. */
  learned(name: string, dims: Dims, start: Start): Node {
    return this.#take(name, { dims, start, isLearned: true });
  }

  /** Numbers that a step remembers for the next. */
  kept(name: string, dims: Dims, start: Start): Node {
    return this.#take(name, { dims, start, isLearned: false });
  }

  /** From here on the name stands for `next`, through which no gradient flows back, and so it does at the next step. */
  renew(name: string, next: Node): void {
    const full = this.#prefix + name;
    this.#all.updates.set(full, next);
    this.#all.current.set(full, detach(next));
  }

  /** A name for an input of the graph, with a number where a layer is used again. */
  unique(name: string): string {
    const full = this.#prefix + name;
    const uses = (this.#all.uses.get(full) ?? 0) + 1;
    this.#all.uses.set(full, uses);
    return uses === 1 ? full : `${full} ${uses}`;
  }

  /** What a declared name stands for at this place of the graph. */
  current(name: string): Node {
    return this.#all.current.get(this.#prefix + name) as Node;
  }

  /** Names of the numbers so far, without the prefix; `learned`: only those that gradients change. */
  names(kind: 'learned' | 'all'): string[] {
    return [...this.#all.declared]
      .filter(([name, { isLearned }]) => (isLearned || kind === 'all') && name.startsWith(this.#prefix))
      .map(([name]) => name.slice(this.#prefix.length));
  }

  /** What was renewed, by full name. */
  get updates(): ReadonlyMap<string, Node> {
    return this.#all.updates;
  }

  /** Adds to `state` what was declared and is not there yet, drawn from the seed. */
  begin(state: State, seed: number): void {
    for (const [name, { dims, start }] of this.#all.declared)
      if (!state.has(name)) state.set(name, tensor(dims, begun(name, { dims, start, seed, state })));
  }

  #take(name: string, declared: Declared): Node {
    const full = this.#prefix + name;
    const known = this.#all.current.get(full);
    const dims = this.#all.declared.get(full)?.dims ?? declared.dims;
    if (dims.join() !== declared.dims.join())
      throw new Error(`internal: ${full} has the shape [${dims}] and [${declared.dims}]`);
    if (known !== undefined) return known;
    const node = this.#all.values === undefined ? input(full, declared.dims) : this.#constant(full);
    this.#all.declared.set(full, declared);
    this.#all.current.set(full, node);
    return node;
  }

  #constant(name: string): Node {
    const value = this.#all.values?.get(name);
    if (value === undefined) throw new Error(`internal: no numbers for ${name}`);
    return constant(value.dims, value.data, name);
  }
}

interface Beginning extends Omit<Declared, 'isLearned'> {
  seed: number;
  state: State;
}

function begun(name: string, { dims, start, seed, state }: Beginning): Float32Array {
  const numbers = new Float32Array(sizeOf(dims));
  if (typeof start === 'number') return numbers.fill(start);
  if ('copyOf' in start) return (state.get(start.copyOf) as Tensor).data.slice();
  if ('numbers' in start) return start.numbers().slice();
  const random = randomFor(seed, 'start', name);
  const draw =
    'normal' in start
      ? () => start.normal * random.normal()
      : () => start.uniform * (2 * random.uniform() - 1);
  return numbers.map(draw);
}
