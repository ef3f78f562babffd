// Finds the weights in what a checkpoint holds: a state dict alone, or one among settings, optimizers and other networks.

import { corrupt } from '../bytes.js';
import { shown } from '../numbers.js';
import { refused } from './pickle/refusal.js';
import { PickledTensor } from './tensor.js';

/** Tensors by key, in the order of the file. */
export type StateDict = Map<string, PickledTensor>;

/** Keys under which trainers keep the network that is worth having; first those of the averaged weights, which draw better. */
const WRAPPERS: readonly string[] = [
  ...['params_ema', 'g_ema', 'netG_ema', 'generator_ema', 'model_ema', 'state_dict_ema', 'ema_state_dict'],
  ...['ema_model', 'ema'],
  ...['state_dict', 'model_state_dict', 'params', 'model', 'generator', 'netG', 'net_g', 'net', 'network'],
  ...['G', 'g', 'weights', 'module'],
];
/** What a training keeps of its optimizers; some keep it by the names of the weights. */
const NO_NETWORK = /optim|sched|scaler/i;
/** Dicts in dicts. */
const MOST_LEVELS = 5;
const MOST_TENSORS = 100_000;
/** Characters; a key is a path of attributes. */
const MOST_KEY_CHARACTERS = 1000;

/**
 * The tensors of the network in a checkpoint; those of several, such as `netG_A` and `netG_B`, have the network's key and a
 * dot before theirs. `name` is the file. Throws `model-unsupported` where there are none.
 */
export function findStateDict(name: string, value: unknown): StateDict {
  const search: Search = { name, seen: new Set() };
  const found = value instanceof Map ? networkIn(search, value, MOST_LEVELS) : undefined;
  if (found === undefined)
    throw refused(name, `it holds ${value instanceof Map ? 'no' : 'no dict of'} tensors`);
  if (found.size > MOST_TENSORS) throw refused(name, `it holds more than ${MOST_TENSORS} tensors`);
  return found;
}

interface Search {
  name: string;
  /** Dicts that were looked into: a pickle can show one in many places, or in itself. */
  seen: Set<unknown>;
}

function networkIn(search: Search, dict: Map<unknown, unknown>, levels: number): StateDict | undefined {
  if (levels === 0 || search.seen.has(dict)) return undefined;
  search.seen.add(dict);
  return wrappedIn(search, dict, levels) ?? joined(search, ownOf(search, dict), dict, levels);
}

/** The best network that the dict holds under a well-known key. */
function wrappedIn(search: Search, dict: Map<unknown, unknown>, levels: number): StateDict | undefined {
  for (const key of WRAPPERS) {
    const inner = dict.get(key);
    const found = inner instanceof Map ? networkIn(search, inner, levels - 1) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Tensors of the dict itself, whose keys are plain again where wrappers of torch had put something before them. */
function ownOf({ name }: Search, dict: Map<unknown, unknown>): StateDict {
  const rows: [string, PickledTensor][] = [];
  for (const [key, tensor] of dict) {
    if (typeof key !== 'string' || !(tensor instanceof PickledTensor)) continue;
    checkKey(name, key);
    rows.push([withoutCompiled(key), tensor]);
  }
  return new Map(isParallel(rows) ? rows.map(([key, tensor]) => [withoutParallel(key), tensor]) : rows);
}

/** torch.compile names its wrapper in the path, around any part of the network. */
function withoutCompiled(key: string): string {
  if (!key.includes(COMPILED)) return key;
  const parts = key.split('.').filter((part) => part !== COMPILED);
  return parts.join('.');
}
const COMPILED = '_orig_mod';

/** Whether DataParallel was around the network: averaging adds a lone counter beside it. */
function isParallel(rows: [string, PickledTensor][]): boolean {
  const weights = rows.filter(isWeight);
  return weights.length > 0 && weights.every(([key]) => key.startsWith(PARALLEL));
}
const PARALLEL = 'module.';

const withoutParallel = (key: string): string =>
  key.startsWith(PARALLEL) ? key.slice(PARALLEL.length) : key;

/** A lone number among the settings, such as the best loss, makes no network. */
const isWeight = ([, { dims }]: [string, PickledTensor]): boolean => dims.length > 0;

function checkKey(name: string, key: string): void {
  if (key.length > MOST_KEY_CHARACTERS) throw corrupt(name, `${shown(key)} is no name of a tensor`);
}

/** The dict's own tensors and those of the networks in it; one network alone keeps its keys. */
function joined(
  search: Search,
  own: StateDict,
  dict: Map<unknown, unknown>,
  levels: number,
): StateDict | undefined {
  const networks = networksIn(search, dict, levels);
  const hasWeights = [...own].some(isWeight);
  if (networks.length === 0) return hasWeights || (own.size > 0 && levels === MOST_LEVELS) ? own : undefined;
  if (networks.length === 1 && !hasWeights) return networks[0].tensors;
  const all: StateDict = new Map(hasWeights ? own : []);
  for (const { key, tensors } of networks)
    for (const [inner, tensor] of tensors) all.set(`${key}.${inner}`, tensor);
  return all;
}

function networksIn(
  search: Search,
  dict: Map<unknown, unknown>,
  levels: number,
): { key: string; tensors: StateDict }[] {
  const found: { key: string; tensors: StateDict }[] = [];
  for (const [key, inner] of dict) {
    if (typeof key !== 'string' || NO_NETWORK.test(key) || !(inner instanceof Map)) continue;
    const tensors = networkIn(search, inner, levels - 1);
    if (tensors === undefined) continue;
    checkKey(search.name, key);
    found.push({ key, tensors });
  }
  return found;
}
