// The pickle operations that ask for something by name, call it, or recall it; and those that nigaoe refuses.

import type { Operations, PickleMachine } from './machine.js';
import { printable } from './refusal.js';
import { Builder, Bystander, PickleTuple } from './values.js';

/** By their codes (source: the module `pickletools` of Python). */
export const OBJECTS: Operations = {
  128: ['PROTO', checkProtocol],
  149: ['FRAME', checkFrame],
  46: ['STOP', stop],
  48: ['POP', (machine) => machine.popOrUnmark()],
  49: ['POP_MARK', (machine) => void machine.popMarked()],
  50: ['DUP', (machine) => machine.push(machine.top())],
  103: ['GET', (machine) => machine.recall(indexFrom(machine))],
  104: ['BINGET', (machine) => machine.recall(machine.input.uint8())],
  106: ['LONG_BINGET', (machine) => machine.recall(machine.input.uint32())],
  112: ['PUT', (machine) => machine.remember(indexFrom(machine))],
  113: ['BINPUT', (machine) => machine.remember(machine.input.uint8())],
  114: ['LONG_BINPUT', (machine) => machine.remember(machine.input.uint32())],
  148: ['MEMOIZE', (machine) => machine.remember(machine.memoSize())],
  99: ['GLOBAL', (machine) => pushGlobal(machine, machine.input.line(), machine.input.line())],
  147: ['STACK_GLOBAL', pushStackedGlobal],
  81: ['BINPERSID', (machine) => machine.pushNew(machine.world.resolve(machine.pop()))],
  82: ['REDUCE', call],
  129: ['NEWOBJ', call],
  98: ['BUILD', setState],
  // Old classes, extension codes, and buffers outside of the file: no checkpoint of tensors has them.
  80: ['PERSID'],
  105: ['INST'],
  111: ['OBJ'],
  130: ['EXT1'],
  131: ['EXT2'],
  132: ['EXT4'],
  146: ['NEWOBJ_EX'],
  151: ['NEXT_BUFFER'],
  152: ['READONLY_BUFFER'],
};

const NEWEST_PROTOCOL = 5;

function checkProtocol(machine: PickleMachine): void {
  const protocol = machine.input.uint8();
  if (protocol > NEWEST_PROTOCOL) throw machine.refuse(`protocol ${protocol} of the pickle language`);
}

/** A frame only says how many bytes to read ahead. */
function checkFrame(machine: PickleMachine): void {
  machine.input.uint64();
}

function stop(machine: PickleMachine): void {
  machine.isDone = true;
}

function indexFrom(machine: PickleMachine): number {
  const line = machine.input.line();
  if (!/^\d{1,9}$/.test(line)) throw machine.fault('an entry to remember has no number');
  return Number(line);
}

function pushStackedGlobal(machine: PickleMachine): void {
  const name = machine.pop();
  const module = machine.pop();
  if (typeof name !== 'string' || typeof module !== 'string') throw machine.fault('a name is no text');
  pushGlobal(machine, module, name);
}

function pushGlobal(machine: PickleMachine, module: string, name: string): void {
  // Python 3 writes Python 2's name of its builtins in the older protocols.
  const global = `${module === '__builtin__' ? 'builtins' : module}.${name}`;
  const found = machine.world.find(global);
  if (found === undefined)
    throw machine.refuse(printable(global), runsPrograms(global) ? THROW_AWAY : undefined);
  machine.push(found);
}

const THROW_AWAY =
  'The file tries to run a program on your computer, which no honest checkpoint does. Nothing was run. Throw it away, and do not open it with other software.';
/** Modules and functions by which a pickle takes hold of a computer. */
const PROGRAMS: readonly RegExp[] = [
  /^(os|posix|nt|subprocess|commands|popen2|pty|socket|shutil|ctypes|_ctypes|runpy|code|webbrowser|importlib|urllib)\./,
  /^builtins\.(eval|exec|execfile|compile|open|__import__|getattr|setattr|globals|breakpoint|apply)\b/,
];
const runsPrograms = (global: string): boolean => PROGRAMS.some((pattern) => pattern.test(global));

/** REDUCE calls a function, NEWOBJ a class: here both make data. */
function call(machine: PickleMachine): void {
  const args = machine.pop();
  const called = machine.pop();
  if (!(called instanceof Builder)) throw machine.refuse(`a call of ${described(called)}`);
  if (!(args instanceof PickleTuple)) throw machine.fault(`it calls ${called.name} without arguments`);
  machine.pushNew(called.build(args.items, machine));
}

/** Attributes, such as the `_metadata` of a state dict: nobody here reads them. */
function setState(machine: PickleMachine): void {
  machine.pop();
  const target = machine.top();
  if (!(target instanceof Map || target instanceof Bystander))
    throw machine.refuse(`attributes of ${described(target)}`);
}

const described = (value: unknown): string =>
  value instanceof Bystander || value instanceof Builder ? value.name : 'a value that is no class';
