// The state of a pickle that is being read: its stack, its memo, and what it may still cost.

import type { NigaoeError } from '../../../../errors.js';
import { corrupt } from '../../bytes.js';
import type { ByteCursor } from './cursor.js';
import { refused } from './refusal.js';
import type { Caller } from './values.js';

/** What a pickle may ask of the program that reads it. */
export interface PickleWorld {
  /** The file, for messages. */
  readonly name: string;
  /** What a global such as `collections.OrderedDict` stands for; undefined where it is refused. */
  find(global: string): unknown;
  /** What a persistent id stands for: torch names its storages so. */
  resolve(id: unknown): unknown;
}

/** Operations of one pickle. A checkpoint takes some thirty per tensor. */
const MOST_OPERATIONS = 5_000_000;
/** Containers and other objects of one pickle. A checkpoint takes some seven per tensor. */
const MOST_OBJECTS = 500_000;

/** One operation of the pickle language. */
export type Step = (machine: PickleMachine) => void;

/** The operations by their code; those without a step are refused by their name. */
export type Operations = Readonly<Record<number, readonly [name: string, step?: Step]>>;

export class PickleMachine implements Caller {
  readonly input: ByteCursor;
  readonly world: PickleWorld;
  /** Set by STOP. */
  isDone = false;
  readonly #stack: unknown[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, unknown>();
  #operations = 0;
  #objects = 0;

  constructor(input: ByteCursor, world: PickleWorld) {
    this.input = input;
    this.world = world;
  }

  push(value: unknown): void {
    this.#stack.push(value);
  }

  /** Pushes a container, which is charged. */
  pushNew(value: unknown): void {
    this.#objects++;
    if (this.#objects > MOST_OBJECTS) throw this.tooLarge(`${MOST_OBJECTS} objects`);
    this.#stack.push(value);
  }

  top(): unknown {
    this.#checkDepth();
    return this.#stack[this.#stack.length - 1];
  }

  pop(): unknown {
    this.#checkDepth();
    return this.#stack.pop();
  }

  /** POP takes a mark away where one lies on top. */
  popOrUnmark(): void {
    if (this.#marks.at(-1) === this.#stack.length) this.#marks.pop();
    else this.pop();
  }

  mark(): void {
    this.#marks.push(this.#stack.length);
  }

  /** What was pushed since the last mark, which is taken away. */
  popMarked(): unknown[] {
    const from = this.#marks.pop();
    if (from === undefined) throw this.fault('it closes a group that it never opened');
    return this.#stack.splice(from);
  }

  memoSize(): number {
    return this.#memo.size;
  }

  remember(index: number): void {
    this.#memo.set(index, this.top());
  }

  recall(index: number): void {
    if (!this.#memo.has(index)) throw this.fault(`it recalls entry ${index}, which it never remembered`);
    this.#stack.push(this.#memo.get(index));
  }

  /** Counts work; operations that copy are charged per item, so that a short pickle cannot copy for ever. */
  charge(operations: number): void {
    this.#operations += operations;
    if (this.#operations > MOST_OPERATIONS) throw this.tooLarge(`${MOST_OPERATIONS} operations`);
  }

  fault(reason: string): NigaoeError {
    return corrupt(this.world.name, `its pickle is none: ${reason}`);
  }

  refuse(asked: string, hint?: string): NigaoeError {
    return refused(this.world.name, `its pickle asks for ${asked}, which nigaoe does not run`, hint);
  }

  tooLarge(what: string): NigaoeError {
    return refused(this.world.name, `its pickle has more than ${what}`);
  }

  #checkDepth(): void {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw this.fault('it takes from an empty stack');
  }
}
