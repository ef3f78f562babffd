// Which tensors of a checkpoint belong together: a file may hold several networks, and what training left behind.

import type { Shapes } from './architecture.js';

/** Tensors of optimizers and schedules, in the names that PyTorch, MindSpore and TensorFlow give them. */
const TRAINING: readonly RegExp[] = [
  /(^|\.)(optim|optimizer|optimizers|scheduler|lr_scheduler|scaler)(_\w+)?\./i,
  /^(moments?|moment[12]|adam_[mv]|accum|stat|velocity|mean_square)\./,
  /^(beta[12]_power|learning_rate|lr|global_step|step(_num)?|epoch(_num)?|iter(ation)?|loss)$/,
  /\/(Adam|Adam_1|Momentum|RMSProp|RMSProp_1|Adadelta|Adagrad)$/,
];

/** Networks that are trained beside a generator and draw nothing. */
const COMPANION = /^(net_?)?(d|dis|disc|discriminator|critic|vgg\d*)(_[a-z0-9]+)?[./]/i;

/** The tensors that may belong to a network: neither counters, which have no dims, nor what an optimizer remembers. */
export function withoutTraining(shapes: Shapes): Shapes {
  const isKept = (key: string, dims: readonly number[]) =>
    dims.length > 0 && !TRAINING.some((pattern) => pattern.test(key));
  return new Map([...shapes].filter(([key, dims]) => isKept(key, dims)));
}

/** What stands before a key in the file, with its dot: "" or "netG_A." wherever the key is found. */
export function partsWith(shapes: Shapes, telltale: string): string[] {
  const endings = [...shapes.keys()].filter((key) => key.endsWith(telltale));
  return endings.map((key) => key.slice(0, -telltale.length)).filter((part) => /(^|[./])$/.test(part));
}

/** The tensors of one part under their own keys. What lies in other parts is no part of the nameless one. */
export function tensorsOfPart(shapes: Shapes, part: string, parts: readonly string[]): Shapes {
  const others = parts.filter((other) => other !== part && other.startsWith(part));
  const isElsewhere = (key: string) =>
    others.some((other) => key.startsWith(other)) || (part === '' && COMPANION.test(key));
  const own = [...shapes].filter(([key]) => key.startsWith(part) && !isElsewhere(key));
  return new Map(own.map(([key, dims]) => [key.slice(part.length), dims]));
}

/** A part as a person writes it: without its dot. */
export const nameOf = (part: string): string => part.replace(/[./]$/, '');
