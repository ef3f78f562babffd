// Reads one pickle into data. It is a small stack language (Python's PEP 307, 3154 and 574); only those of its operations
// that make data are known here, and only those globals that the caller knows.

import { ATOMS } from './atoms.js';
import { CONTAINERS } from './containers.js';
import { ByteCursor } from './cursor.js';
import { PickleMachine, type PickleWorld } from './machine.js';
import { OBJECTS } from './objects.js';

const OPERATIONS = { ...ATOMS, ...CONTAINERS, ...OBJECTS };

/** A pickle as data, and the bytes that it took. */
export interface Unpickled {
  value: unknown;
  length: number;
}

/**
 * Reads the pickle that `bytes` begin with. Nothing of it is ever executed; its operations and objects are limited.
 * @throws `model-unsupported` where it asks for a global or an operation that is refused, which is named; `model-corrupt`
 * where it is none; `PickleCutShort` where the bytes end before it
 */
export function readPickle(bytes: Uint8Array, world: PickleWorld): Unpickled {
  const machine = new PickleMachine(new ByteCursor(bytes), world);
  while (!machine.isDone) step(machine);
  return { value: machine.pop(), length: machine.input.at };
}

function step(machine: PickleMachine): void {
  const code = machine.input.uint8();
  const operation = OPERATIONS[code];
  if (operation === undefined) throw machine.fault(`${code} is no operation`);
  const [name, run] = operation;
  if (run === undefined) throw machine.refuse(`the operation ${name}`);
  machine.charge(1);
  run(machine);
}
