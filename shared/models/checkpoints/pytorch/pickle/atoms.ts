// The pickle operations that push one number, text or bytes.

import { latin1 } from './cursor.js';
import type { Operations, PickleMachine } from './machine.js';

/** By their codes (source: the module `pickletools` of Python). */
export const ATOMS: Operations = {
  78: ['NONE', (machine) => machine.push(null)],
  136: ['NEWTRUE', (machine) => machine.push(true)],
  137: ['NEWFALSE', (machine) => machine.push(false)],
  73: ['INT', (machine) => machine.push(truthOrInteger(machine, machine.input.line()))],
  74: ['BININT', (machine) => machine.push(machine.input.int32())],
  75: ['BININT1', (machine) => machine.push(machine.input.uint8())],
  77: ['BININT2', (machine) => machine.push(machine.input.uint16())],
  76: ['LONG', (machine) => machine.push(integerFrom(machine, machine.input.line().replace(/L$/, '')))],
  138: ['LONG1', (machine) => machine.push(longFrom(machine, machine.input.uint8()))],
  139: ['LONG4', (machine) => machine.push(longFrom(machine, machine.input.int32()))],
  70: ['FLOAT', (machine) => machine.push(floatFrom(machine, machine.input.line()))],
  71: ['BINFLOAT', (machine) => machine.push(machine.input.float64())],
  83: ['STRING', (machine) => machine.push(quoted(machine, machine.input.line()))],
  84: ['BINSTRING', (machine) => machine.push(latin1(take(machine, machine.input.int32())))],
  85: ['SHORT_BINSTRING', (machine) => machine.push(latin1(take(machine, machine.input.uint8())))],
  86: ['UNICODE', (machine) => machine.push(unescapedText(machine, machine.input.line()))],
  88: ['BINUNICODE', (machine) => machine.push(text(machine, machine.input.uint32()))],
  140: ['SHORT_BINUNICODE', (machine) => machine.push(text(machine, machine.input.uint8()))],
  141: ['BINUNICODE8', (machine) => machine.push(text(machine, machine.input.uint64()))],
  66: ['BINBYTES', (machine) => machine.push(take(machine, machine.input.uint32()))],
  67: ['SHORT_BINBYTES', (machine) => machine.push(take(machine, machine.input.uint8()))],
  142: ['BINBYTES8', (machine) => machine.push(take(machine, machine.input.uint64()))],
  150: ['BYTEARRAY8', (machine) => machine.push(take(machine, machine.input.uint64()))],
};

function take(machine: PickleMachine, length: number): Uint8Array {
  if (length < 0) throw machine.fault(`a text has ${length} bytes`);
  return machine.input.take(length);
}

/** A pickle keeps half a surrogate pair as it is, so that malformed UTF-8 must not be an error. */
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

const text = (machine: PickleMachine, length: number): string => UTF8.decode(machine.input.take(length));

/** Bits of an integer that a checkpoint has a use for: the magic number has 77, a seed 64. */
const MOST_INTEGER_BYTES = 256;

function longFrom(machine: PickleMachine, length: number): number | bigint {
  if (length < 0 || length > MOST_INTEGER_BYTES) throw machine.fault(`an integer has ${length} bytes`);
  const bytes = machine.input.take(length).toReversed();
  const hex = Buffer.from(bytes.buffer).toString('hex');
  return narrowed(BigInt.asIntN(8 * length, BigInt(`0x0${hex}`)));
}

/** Protocol 0 and 1 write True as the integer 01. */
function truthOrInteger(machine: PickleMachine, line: string): boolean | number | bigint {
  if (line === '00' || line === '01') return line === '01';
  return integerFrom(machine, line);
}

function integerFrom(machine: PickleMachine, digits: string): number | bigint {
  if (digits.length > 2 * MOST_INTEGER_BYTES || !/^-?\d+$/.test(digits))
    throw machine.fault('an integer is none');
  return narrowed(BigInt(digits));
}

const narrowed = (integer: bigint): number | bigint => {
  const number = Number(integer);
  return Number.isSafeInteger(number) ? number : integer;
};

function floatFrom(machine: PickleMachine, line: string): number {
  if (!/^(nan|-?inf|-?\d+(\.\d*)?(e[+-]?\d+)?)$/.test(line)) throw machine.fault('a number is none');
  return Number(line.replace('inf', 'Infinity'));
}

/** A text as Python 2 prints it. */
function quoted(machine: PickleMachine, line: string): string {
  const inner = /^(['"])(.*)\1$/s.exec(line)?.[2];
  if (inner === undefined) throw machine.fault('a text has no quotes');
  return unescapedBytes(inner);
}

/** Python 2's escapes in a text of bytes. */
function unescapedBytes(text: string): string {
  return text.replaceAll(/\\(?:x([0-9a-f]{2})|(.))/gis, (_, hex?: string, plain: string = '') =>
    hex === undefined ? (CONTROLS[plain] ?? plain) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
const CONTROLS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** Python's escapes of the characters beyond latin1. */
function unescapedText(machine: PickleMachine, text: string): string {
  return text.replaceAll(
    /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/g,
    (_, short?: string, long: string = '') => {
      const point = Number.parseInt(short ?? long, 16);
      if (point > 0x10ffff) throw machine.fault('a character is none');
      return String.fromCodePoint(point);
    },
  );
}
