// Tells which known network a checkpoint holds, by keys and shapes; what is unknown is refused with what is known.

import { NigaoeError } from '../../errors.js';
import { ANIMEGAN_V2 } from './animeganv2.js';
import type { Architecture, ArchitectureOptions, Plan, Shapes } from './architecture.js';
import { CYCLEGAN } from './cyclegan.js';
import { CYCLEGAN_MINDSPORE } from './cyclegan-mindspore.js';
import { describeMisfit, few, fits, type Misfit, misfitOf } from './fit.js';
import { JOHNSON } from './johnson.js';
import { JOHNSON_TENSORFLOW } from './johnson-tensorflow.js';
import { nameOf, partsWith, tensorsOfPart, withoutTraining } from './parts.js';
import { strangerIn } from './strangers.js';

/** Every family of networks that nigaoe can read from a checkpoint. */
export const ARCHITECTURES: readonly Architecture[] = [
  ANIMEGAN_V2,
  CYCLEGAN,
  CYCLEGAN_MINDSPORE,
  JOHNSON,
  JOHNSON_TENSORFLOW,
];

export interface RecogniseOptions extends ArchitectureOptions {
  /** Which network, where the file holds several: what stands before its keys, such as `netG_A`. */
  part?: string | undefined;
  /** Name of the file in messages; default `the checkpoint`. */
  name?: string | undefined;
}

/** A network found in a checkpoint. */
export interface Recognised {
  architecture: Architecture;
  plan: Plan;
  /** What stands before the plan's keys in the file, with its dot: "" or "netG_A.". */
  part: string;
}

/** Networks in one file: each is compared with all of its keys. */
const MOST_PARTS = 100;

interface Candidate extends Recognised {
  misfit: Misfit;
}

/**
 * The network that these tensors make.
 * @throws `model-unsupported` where they make none that nigaoe can use, `options` where they make several and `part` does
 * not say which
 */
export function recognise(shapes: Shapes, options: RecogniseOptions = {}): Recognised {
  const { name = 'the checkpoint', part } = options;
  const tensors = withoutTraining(shapes);
  const candidates = candidatesIn(tensors, options, name);
  const named = part === undefined ? candidates : candidates.filter((each) => isNamed(each, part));
  if (part !== undefined && named.length === 0 && candidates.length > 0)
    throw noSuchPart(candidates, part, name);
  const fitting = onePerPart(named.filter(({ misfit }) => fits(misfit)));
  if (fitting.length === 0) throw unknown(named, tensors, name);
  if (fitting.length > 1) throw several(fitting, name);
  const [{ architecture, plan, part: found }] = fitting;
  checkEffect(fitting[0], options, name);
  if (plan.obstacle !== undefined) throw unusable(architecture, plan.obstacle, name);
  return { architecture, plan, part: found };
}

function candidatesIn(shapes: Shapes, options: ArchitectureOptions, name: string): Candidate[] {
  const found = ARCHITECTURES.flatMap((architecture) =>
    partsWith(shapes, architecture.telltale).map((part) => ({ architecture, part })),
  );
  if (found.length > MOST_PARTS) throw tooMany(found.length, name);
  const parts = found.map(({ part }) => part);
  return found.flatMap(({ architecture, part }) => {
    const own = tensorsOfPart(shapes, part, parts);
    const plan = architecture.plan(own, options);
    return plan ? { architecture, part, plan, misfit: misfitOf(plan, own) } : [];
  });
}

/** What the options are for that most networks have no use for. */
const ONLY_FOR = [
  { option: 'alignCorners', flag: '--no-align-corners', networks: 'an AnimeGANv2 generator' },
  {
    option: 'blocks',
    flag: '--blocks',
    networks: 'a CycleGAN generator of MindSpore whose blocks share their weights',
  },
] as const;

/** Whoever states what makes no difference has another network in mind. */
function checkEffect({ architecture, plan }: Candidate, options: ArchitectureOptions, name: string): void {
  const idle = ONLY_FOR.find(
    ({ option }) => options[option] !== undefined && plan.variant[option] === undefined,
  );
  if (idle === undefined) return;
  const message = `Expected ${idle.networks} for ${idle.flag} but ${name} holds another network: ${architecture.title}, ${plan.summary}`;
  throw new NigaoeError('options', message, {
    hint: 'Leave it out: it would change nothing in this network.',
  });
}

/** `netG_A` also names `netG_A.module.`. */
const isNamed = ({ part }: Candidate, wanted: string): boolean =>
  nameOf(part) === nameOf(wanted) || part.startsWith(`${nameOf(wanted)}.`);

const onePerPart = (candidates: readonly Candidate[]): Candidate[] =>
  candidates.filter(({ part }, at) => candidates.findIndex((other) => other.part === part) === at);

const listed = (candidates: readonly Candidate[]): string =>
  [...new Set(candidates.map(({ part }) => (part === '' ? 'one without a name' : nameOf(part))))].join(', ');

function noSuchPart(candidates: readonly Candidate[], part: string, name: string): NigaoeError {
  const message = `Expected a part of ${name} but ${JSON.stringify(part)} names none`;
  const isWhole = candidates.every((each) => each.part === '');
  const hint = isWhole
    ? 'Leave the part out: the file holds one network, whose keys begin with no name.'
    : `Its parts are: ${listed(candidates)}.`;
  return new NigaoeError('options', message, { hint });
}

function several(candidates: readonly Candidate[], name: string): NigaoeError {
  const message = `Expected one network in ${name} but it holds ${candidates.length}: ${listed(candidates)}`;
  const one = candidates.map((each) => nameOf(each.part)).find((named) => named !== '') ?? '';
  const hint = `Make a style of one of them by its part: \`nigaoe models import FILE --part ${one}\`.`;
  return new NigaoeError('options', message, { hint });
}

function tooMany(count: number, name: string): NigaoeError {
  const message = `Expected at most ${MOST_PARTS} networks in ${name} but ${count} of its keys begin one`;
  return new NigaoeError('model-unsupported', message, { hint: 'Save the network that draws by itself.' });
}

function unusable({ title }: Architecture, obstacle: string, name: string): NigaoeError {
  const message = `Expected a network from photo to picture in ${name} but ${obstacle}`;
  return new NigaoeError('model-unsupported', message, { hint: `It is a ${title}.` });
}

function unknown(candidates: readonly Candidate[], shapes: Shapes, name: string): NigaoeError {
  const message = `Expected a network that nigaoe knows in ${name} but ${unlike(candidates, shapes)}`;
  const stranger = candidates.length === 0 ? strangerIn(shapes) : undefined;
  if (stranger?.hint !== undefined) return new NigaoeError('model-unsupported', message, stranger);
  const known = ARCHITECTURES.map(({ title }) => title).join('; ');
  const hint = `nigaoe knows: ${known}. Others can be exported to ONNX where they were trained, and imported as .onnx.`;
  return new NigaoeError('model-unsupported', message, { hint });
}

function unlike(candidates: readonly Candidate[], shapes: Shapes): string {
  const nearest = candidates.toSorted((a, b) => closeness(b) - closeness(a)).at(0);
  if (nearest)
    return `its tensors are not quite those of the nearest, the ${nearest.architecture.title}; ${describeMisfit(nearest.misfit)}`;
  const stranger = strangerIn(shapes);
  if (stranger !== undefined) return `it looks like ${stranger.what}`;
  return shapes.size === 0
    ? 'it holds no weights'
    : `its tensors fit none of them: ${few([...shapes.keys()])}`;
}

/** Share of the keys, of file and plan together, that agree. */
const closeness = ({ plan, misfit }: Candidate): number =>
  misfit.fitting / (plan.tensors.size + misfit.unexpected.length);
