// The pickle operations that make and fill lists, tuples, dicts and sets.

import type { Operations, PickleMachine } from './machine.js';
import { PickleTuple } from './values.js';

const NOTHING = new PickleTuple([]);

/** By their codes (source: the module `pickletools` of Python). */
export const CONTAINERS: Operations = {
  40: ['MARK', (machine) => machine.mark()],
  93: ['EMPTY_LIST', (machine) => machine.pushNew([])],
  108: ['LIST', (machine) => machine.pushNew(machine.popMarked())],
  97: ['APPEND', (machine) => append(machine, [machine.pop()])],
  101: ['APPENDS', (machine) => append(machine, machine.popMarked())],
  41: ['EMPTY_TUPLE', (machine) => machine.push(NOTHING)],
  116: ['TUPLE', (machine) => machine.pushNew(new PickleTuple(machine.popMarked()))],
  133: ['TUPLE1', (machine) => machine.pushNew(new PickleTuple([machine.pop()]))],
  134: ['TUPLE2', (machine) => pushTuple(machine, 2)],
  135: ['TUPLE3', (machine) => pushTuple(machine, 3)],
  125: ['EMPTY_DICT', (machine) => machine.pushNew(new Map())],
  100: ['DICT', pushDict],
  115: ['SETITEM', (machine) => pushItems(machine, popLast(machine, 2))],
  117: ['SETITEMS', (machine) => pushItems(machine, machine.popMarked())],
  143: ['EMPTY_SET', (machine) => machine.pushNew(new Set())],
  144: ['ADDITEMS', addItems],
  145: ['FROZENSET', (machine) => machine.pushNew(new Set(machine.popMarked()))],
};

function pushTuple(machine: PickleMachine, length: number): void {
  machine.pushNew(new PickleTuple(popLast(machine, length)));
}

/** The last values of the stack in the order in which they were pushed. */
function popLast(machine: PickleMachine, length: number): unknown[] {
  return Array.from({ length }, () => machine.pop()).reverse();
}

function append(machine: PickleMachine, items: readonly unknown[]): void {
  const list = machine.top();
  if (!Array.isArray(list)) throw machine.fault('it appends to what is no list');
  for (const item of items) list.push(item);
}

function pushDict(machine: PickleMachine): void {
  const items = machine.popMarked();
  machine.pushNew(new Map());
  pushItems(machine, items);
}

function pushItems(machine: PickleMachine, items: readonly unknown[]): void {
  const dict = machine.top();
  if (!(dict instanceof Map)) throw machine.fault('it sets a key of what is no dict');
  if (items.length % 2 === 1) throw machine.fault('it sets a key without a value');
  for (let i = 0; i < items.length; i += 2) dict.set(items[i], items[i + 1]);
}

function addItems(machine: PickleMachine): void {
  const items = machine.popMarked();
  const set = machine.top();
  if (!(set instanceof Set)) throw machine.fault('it adds to what is no set');
  for (const item of items) set.add(item);
}
