// The pickle reader: Python's data comes out as data, all else is refused by name, and no pickle costs more than its size.

import assert from 'node:assert/strict';
import { NigaoeError } from '../../../shared/errors.js';
import { bytesInMemory } from '../../../shared/models/checkpoints/bytes.js';
import { worldOf } from '../../../shared/models/checkpoints/pytorch/checkpoint.js';
import { openPytorch } from '../../../shared/models/checkpoints/pytorch/open.js';
import { PickleCutShort } from '../../../shared/models/checkpoints/pytorch/pickle/cursor.js';
import { readPickle } from '../../../shared/models/checkpoints/pytorch/pickle/read-pickle.js';
import { Bystander, PickleTuple } from '../../../shared/models/checkpoints/pytorch/pickle/values.js';
import { op, pickled, torchArchive } from '../../fixtures/torch-file.js';

/** A pickle as text, a character per byte. */
const read = (pickle: string): unknown => readBytes(Buffer.from(pickle, 'latin1'));
const readBytes = (pickle: Uint8Array): unknown => readPickle(pickle, worldOf('x.pkl')).value;

describe('a pickle', () => {
  const TEXT = 'grüße 似顔絵 😀';
  const utf8 = Buffer.from(TEXT).toString('latin1');
  const size = String.fromCharCode(utf8.length);

  /** What Python's pickle.dumps wrote, or one operation after the other. */
  const VALUES: Readonly<Record<string, [pickle: string, value: unknown]>> = {
    'of None': ['N.', null],
    'of True': ['\x80\x02\x88.', true],
    'of False in protocol 0': ['I00\n.', false],
    'of an integer in protocol 0': ['I-12\n.', -12],
    'of a long integer in protocol 0': ['L123456789012345678901L\n.', 123456789012345678901n],
    'of one byte': ['K\xff.', 255],
    'of two bytes': ['M\x01\x02.', 513],
    'of a negative integer': ['J\xfe\xff\xff\xff.', -2],
    'of nought as a long integer': ['\x8a\x00.', 0],
    'of a negative long integer': ['\x8a\x01\x80.', -128],
    'of the largest exact integer': ['\x8a\x07\xff\xff\xff\xff\xff\xff\x1f.', Number.MAX_SAFE_INTEGER],
    'of a larger integer': ['\x8b\x09\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01.', 2n ** 64n],
    'of a number': ['G\xbf\xe0\x00\x00\x00\x00\x00\x00.', -0.5],
    'of a number in protocol 0': ['F1.5e-3\n.', 0.0015],
    'of infinity in protocol 0': ['F-inf\n.', -Infinity],
    'of a text': [`\x8c${size}${utf8}.`, TEXT],
    'of a text with a long length': [`\x8d${size}\0\0\0\0\0\0\0${utf8}.`, TEXT],
    'of a text in protocol 0': ['Vgr\xfc\\u00dfe \\U0001f600\n.', 'grüße 😀'],
    'of a text of Python 2': ['U\x03a\xe9b.', 'aéb'],
    'of a text of Python 2 in protocol 0': [`S'it\\'s\\n\\x41\\\\'\n.`, "it's\nA\\"],
    'of bytes': ['C\x03\x00\x01\xff.', Buffer.from([0, 1, 255])],
    'of a list': ['\x80\x02](K\x01K\x02e.', [1, 2]],
    'of a list in protocol 0': ['(lp0\nI1\naI2\na.', [1, 2]],
    'of an empty tuple': [').', new PickleTuple([])],
    'of a tuple': ['(K\x01]K\x03t.', new PickleTuple([1, [], 3])],
    'of three values': ['K\x01K\x02K\x03\x87.', new PickleTuple([1, 2, 3])],
    'of a dict': [
      '}(K\x01NK\x02\x88u.',
      new Map<unknown, unknown>([
        [1, null],
        [2, true],
      ]),
    ],
    'of a dict in protocol 0': ['(dp0\nI1\nI2\ns.', new Map([[1, 2]])],
    'of a set': ['\x8f(K\x01K\x01K\x02\x90.', new Set([1, 2])],
    'of a frozen set': ['(K\x01\x91.', new Set([1])],
    'with a memo': ['\x80\x04]\x94(h\x00K\x01e0h\x00K\x02ah\x000.', undefined],
    'in a frame': ['\x80\x04\x95\x02\x00\x00\x00\x00\x00\x00\x00K\x07.', 7],
    'of an ordered dict': ['ccollections\nOrderedDict\n)R(K\x01K\x02u.', new Map([[1, 2]])],
    'of an ordered dict of Python 2': [
      'ccollections\nOrderedDict\n](]K\x01aK\x02a](K\x03K\x04ee\x85R.',
      new Map([
        [1, 2],
        [3, 4],
      ]),
    ],
    'of a counter': ['ccollections\nCounter\n}K\x01K\x02s\x85R.', new Map([[1, 2]])],
    'of a dict with a default': [
      'ccollections\ndefaultdict\nc__builtin__\nlist\n\x85RK\x01K\x02s.',
      new Map([[1, 2]]),
    ],
    'of a shape': ['ctorch\nSize\nK\x01K\x02\x86\x85R.', new PickleTuple([1, 2])],
    'of a set of Python 2': ['c__builtin__\nset\n]\x85R.', new Bystander('builtins.set')],
    'of a name on the stack': ['\x8c\x0bcollections\x8c\x0bOrderedDict\x93)R.', new Map()],
    'of settings': ['cargparse\nNamespace\n)\x81}U\x04sizeK\x01sb.', new Bystander('argparse.Namespace')],
  };

  for (const [title, [pickle, value]] of Object.entries(VALUES).filter(([title]) => title !== 'with a memo'))
    it(`${title} is read`, () => assert.deepEqual(read(pickle), value));

  it('with a memo is read', () => {
    const value = read(VALUES['with a memo'][0].replace('h\x000.', '.'));
    assert.ok(Array.isArray(value));
    assert.equal(value[0], value);
    assert.deepEqual(value.slice(1), [1, 2]);
  });

  it('knows its length, so that another may follow', () => {
    assert.equal(readPickle(Buffer.from('K\x01.K\x02.', 'latin1'), worldOf('x')).length, 3);
  });

  it('with keys that mean something to JavaScript changes nothing', () => {
    const pickle = pickled(
      op.dict(op.text('__proto__'), op.dict(op.text('polluted'), op.yes), op.text('toString'), op.none),
    );
    const value = readBytes(pickle);
    assert.ok(value instanceof Map);
    assert.deepEqual([...value.keys()], ['__proto__', 'toString']);
    assert.ok(!('polluted' in {}));
    assert.equal(typeof value.toString, 'function');
  });
});

describe('a pickle that asks for more than data', () => {
  const ASKS: Readonly<Record<string, [pickle: string, asked: RegExp]>> = {
    'a command': ['cos\nsystem\nU\x02ls\x85R.', /asks for os\.system, which nigaoe does not run$/],
    'a command by names on the stack': ['\x8c\x05posix\x8c\x06system\x93.', /asks for posix\.system,/],
    'an evaluation in Python 2': ['c__builtin__\neval\n.', /asks for builtins\.eval,/],
    'an attribute of what is known': ['ctorch._utils\nos.system\n.', /asks for torch\._utils\.os\.system,/],
    'a property of JavaScript': ['c\nconstructor\n.', /asks for \.constructor,/],
    'a class of the own program': ['cmodels.gan\nGenerator\n)\x81.', /asks for models\.gan\.Generator,/],
    'a class in the old way': ['(iposix\nsystem\n.', /asks for the operation INST,/],
    'an object in the old way': ['(cos\nsystem\no.', /asks for os\.system,/],
    'an object with named arguments': [')\x92.', /asks for the operation NEWOBJ_EX,/],
    'an extension': ['\x82\x01.', /asks for the operation EXT1,/],
    'a persistent text': ['Pkey\n.', /asks for the operation PERSID,/],
    'a buffer outside': ['\x97.', /asks for the operation NEXT_BUFFER,/],
    'a call of a number': ['K\x01)R.', /asks for a call of a value that is no class,/],
    'a call of a type': ['ctorch\nfloat32\n)R.', /asks for a call of a value that is no class,/],
    'attributes of a list': [']}b.', /asks for attributes of a value that is no class,/],
    'attributes of a function': ['ctorch\nSize\n}b.', /asks for attributes of torch\.Size,/],
    'nested bytes': ['ctorch.storage\n_load_from_bytes\n.', /asks for torch\.storage\._load_from_bytes,/],
    'protocol 6': ['\x80\x06N.', /asks for protocol 6/],
    'a name that writes to the terminal': ['ca\x1b[31m\nb\x07\n.', /asks for a\?\[31m\.b\?,/],
    'a name without end': [`c${'a'.repeat(5000)}\nb\n.`, /asks for a{80}\.\.\.,/],
  };

  /** Those of honest files are classes of a training. */
  const RUNS = /for (os|posix|builtins)\\\./;

  for (const [title, [pickle, asked]] of Object.entries(ASKS))
    it(`is refused by name: ${title}`, () => {
      assert.throws(() => read(pickle), {
        code: 'model-unsupported',
        message: asked,
        hint: RUNS.test(asked.source) ? /tries to run a program.*Throw it away/ : /state_dict\(\)/,
      });
    });
});

describe('bytes that are no pickle', () => {
  const FAULTS: Readonly<Record<string, string>> = {
    'an operation that there is not': '\xff.',
    'nothing on the stack': '.',
    'a tuple without a mark': 'K\x01t.',
    'a tuple across a mark': 'K\x01(\x85.',
    'an entry that was not remembered': 'h\x07.',
    'an entry that is remembered of nothing': 'q\x00.',
    'an entry without a number': 'gx\n.',
    'an item for a number': 'K\x01K\x02a.',
    'a key for a list': ']K\x01K\x02s.',
    'a key without a value': '}(K\x01u.',
    'a member for a list': '](K\x01\x90.',
    'an integer of letters': 'Iabc\n.',
    'an integer of a million digits': `I${'9'.repeat(1_000_000)}\n.`,
    'an integer of a negative length': '\x8b\xff\xff\xff\xff.',
    'a number of letters': 'Fabc\n.',
    'a text of a negative length': 'T\xff\xff\xff\xff.',
    'a text without quotes': 'Sabc\n.',
    'a character beyond Unicode': 'V\\U00ffffff\n.',
    'a name that is a number': 'K\x01K\x02\x93.',
    'a call without arguments': 'ccollections\nOrderedDict\nNR.',
    'a dict of a number': 'ccollections\nOrderedDict\nK\x01\x85R.',
    'a dict of numbers': 'ccollections\nOrderedDict\n]K\x01a\x85R.',
    'a storage that is a number': 'K\x01Q.',
    'a storage without a type': '(U\x07storageNU\x010U\x03cpuK\x04tQ.',
  };

  for (const [title, pickle] of Object.entries(FAULTS))
    it(`are told as damaged: ${title}`, () => {
      assert.throws(
        () => read(pickle),
        (error) => error instanceof NigaoeError && error.code === 'model-corrupt',
      );
    });

  const LENGTHS = [
    'X\xff\xff\xff\xff',
    'B\xff\xff\xff\xff',
    '\x8d\0\0\0\0\0\0\0\x7f',
    '\x8e\xff\xff\xff\xff\xff\xff\xff\xff',
  ];
  for (const pickle of [...LENGTHS, '\x96\0\0\0\0\0\0\x10\0', '\x8b\0\x01\0\0', 'I1', 'G\0', '', '\x80'])
    it(`are told as cut short, without room for what they claim: ${JSON.stringify(pickle)}`, () => {
      assert.throws(() => read(pickle), PickleCutShort);
    });
});

describe('a small pickle that claims much', () => {
  const tensors = (value: string) => {
    const pickle = Buffer.from(`\x80\x02${value}.`, 'latin1');
    return openPytorch(bytesInMemory('x.pt', torchArchive(pickle, [Buffer.alloc(16)])));
  };
  const tensor = op.tensor({ dims: [1], elements: 4 }).toString('latin1');
  const NO_TENSORS = { code: 'model-unsupported', message: /holds no/ };

  it('by a list in itself holds no tensors', () => assert.rejects(tensors(']q\x00h\x00a'), NO_TENSORS));
  it('by a dict in itself holds those beside it', async () => {
    const checkpoint = await tensors(`}q\x00(U\x0astate_dicth\x00U\x05modelh\x00U\x01w${tensor}u`);
    assert.deepEqual([...checkpoint.tensors.keys()], ['w']);
  });
  it('by ten dicts in each of ten, thirty levels deep, holds them once', async () => {
    const level = (of: number) =>
      `0}q${code(of + 1)}(${'0123456789'.replaceAll(/./g, (key) => `U\x01${key}h${code(of)}`)}u`;
    const levels = (count: number) => Array.from({ length: count }, (_, i) => level(i)).join('');
    const bottom = `}q\x00U\x01w${tensor}s`;
    assert.equal((await tensors(bottom + levels(3))).tensors.size, 1);
    await assert.rejects(tensors(bottom + levels(30)), NO_TENSORS);
  });
  it('by a million lists in each other ends', async () => {
    await assert.rejects(tensors(`${']'.repeat(400_000)}${'a'.repeat(399_999)}`), NO_TENSORS);
    await assert.rejects(tensors(']'.repeat(1_000_000)), { message: /more than 500000 objects/ });
  });
  it('by nested calls ends', async () => {
    const builder = 'ctorch._tensor\n_rebuild_from_type_v2\n';
    const nested = `${builder}${`${builder}N`.repeat(50_000)})${'\x87'.repeat(50_000)}R`;
    await assert.rejects(tensors(nested), { code: 'model-corrupt', message: /a tensor has no function/ });
  });
  it('by copies of a long list ends', async () => {
    const pair = '(K\x01K\x02t';
    const list = `](${pair.repeat(100_000)}eq\x000`;
    const copies = 'ccollections\nOrderedDict\nh\x00\x85R0'.repeat(1000);
    await assert.rejects(tensors(`${list}${copies}N`), { message: /more than 5000000 operations/ });
  });
  it('by six million operations ends', () =>
    assert.rejects(tensors('N0'.repeat(3_000_000)), { message: /more than 5000000 operations/ }));
  it('by keys that grow with every level ends', async () => {
    const key = op.text('k'.repeat(2000)).toString('latin1');
    await assert.rejects(tensors(`}(${key}}U\x01w${tensor}sU\x01v}U\x01w${tensor}su`), {
      message: /is no name of a tensor/,
    });
  });
});

const code = (index: number): string => String.fromCharCode(index);
