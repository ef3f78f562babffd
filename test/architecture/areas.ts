// Who may import whom, as data: the stations of the core, the doors around it, and the packages with a single door.

export type AreaName =
  | 'base'
  | 'outputs'
  | 'photo'
  | 'models'
  | 'faces'
  | 'crop'
  | 'sampling'
  | 'generators'
  | 'blend'
  | 'journey'
  | 'handle'
  | 'video'
  | 'train'
  | 'workshop'
  | 'protocol'
  | 'client'
  | 'bridge'
  | 'cli'
  | 'index'
  | 'nodeRed'
  | 'figma'
  | 'examples'
  | 'bench'
  | 'test';

export interface Area {
  files: RegExp;
  /** Besides itself and `base`, which every area may import. */
  mayImport: readonly AreaName[];
  /** What to do when the rule fires. */
  advice: string;
}

const STATIONS = ['photo', 'models', 'faces', 'crop', 'sampling', 'generators', 'blend'] as const;
const BELOW_CLI = [
  ...STATIONS,
  'journey',
  'handle',
  'video',
  'train',
  'workshop',
  'outputs',
  'protocol',
  'client',
  'bridge',
  'index',
] as const;
const SHARED = [...BELOW_CLI, 'cli'] as const;

/** The first area whose pattern matches a file owns it: the special files of a folder stand before the folder. */
export const AREAS: Record<AreaName, Area> = {
  base: {
    files: /^shared\/(errors|tensor|options|random|version)\.ts$/,
    mayImport: [],
    advice:
      'errors, tensor, options, random and version are imported by everyone: move what needs a station into that station.',
  },
  outputs: {
    files: /^shared\/outputs\//,
    mayImport: [],
    advice: 'outputs/ puts bytes on the disk: what they are is for the caller to know.',
  },
  photo: {
    files: /^shared\/photo\//,
    mayImport: [],
    advice: 'photo/ knows only bytes and pixels: take what it needs as an argument.',
  },
  models: {
    files: /^shared\/models\//,
    mayImport: [],
    advice: 'models/ knows only files, licences and sessions: hand it tensors, and keep pictures outside.',
  },
  faces: {
    files: /^shared\/faces\//,
    mayImport: ['photo', 'models'],
    advice:
      'faces/ finds faces in a photo and nothing else: let stylize.ts carry its result to the next station.',
  },
  crop: {
    files: /^shared\/crop\//,
    mayImport: ['photo', 'models'],
    advice: 'crop/ takes a photo and landmarks as arguments: let stylize.ts hand them over.',
  },
  sampling: {
    files: /^shared\/generators\/diffusion\/(noise|stages|schedule\/\w+|samplers\/(?!choose)\w+)\.ts$/,
    mayImport: [],
    advice: 'Samplers are arithmetic on tensors: hand them the network as a function.',
  },
  generators: {
    files: /^shared\/generators\//,
    mayImport: ['models', 'sampling'],
    advice: 'A generator turns pixels [1,3,H,W] into pixels: it must not know photos, faces or crops.',
  },
  blend: {
    files: /^shared\/blend\//,
    mayImport: ['photo', 'crop'],
    advice:
      'blend/ puts finished pixels back: generating them or finding faces is the work of other stations.',
  },
  journey: {
    // The order of the stations, with what a job is told and makes, and what each of its steps needs.
    files: /^shared\/((stylize|drawing|scopes|studio|signature|job)\.ts$|film\/)/,
    mayImport: STATIONS,
    advice: 'stylize.ts and its parts know the five stations and nothing above them.',
  },
  handle: {
    files: /^shared\/(stylizer|isolated)[^/]*(\.ts$|\/)/,
    mayImport: [...STATIONS, 'journey'],
    advice:
      'The handle opens models and runs the journey: doors (cli, bridge) import it, never the other way round.',
  },
  video: {
    files: /^shared\/video\//,
    mayImport: ['photo', 'journey', 'handle', 'outputs'],
    advice:
      'video/ runs ffmpeg and carries frames to the stylizer and back: how a frame is drawn is the work of the journey.',
  },
  train: {
    files: /^shared\/train\//,
    mayImport: ['models', 'sampling'],
    advice:
      'train/ is mathematics: graphs, networks and recipes. Files and pictures are the business of workshop/.',
  },
  workshop: {
    files: /^shared\/workshop\//,
    mayImport: ['photo', 'faces', 'crop', 'models', 'sampling', 'generators', 'train', 'outputs'],
    advice:
      'The workshop runs trainings on pictures, and makes models that the catalogue describes: of the stylizing side it knows the networks of Stable Diffusion alone.',
  },
  protocol: {
    files: /^shared\/bridge\/protocol(\.ts$|\/)/,
    mayImport: [],
    advice:
      'The protocol is plain types and parsers that also run in the Figma plugin: keep the work in bridge/.',
  },
  client: {
    files: /^shared\/bridge\/client(\.ts$|\/)/,
    mayImport: ['protocol'],
    advice:
      'The client is loaded into Node-RED without native code: it talks to the bridge, it is not the bridge.',
  },
  bridge: {
    files: /^shared\/bridge\//,
    // Of the photo only what its first bytes say; of the journey only what a job is told and makes.
    mayImport: ['handle', 'journey', 'photo', 'models', 'protocol', 'client'],
    advice: 'The bridge runs jobs through the stylizer: give stylizer.ts what the route needs.',
  },
  cli: {
    files: /^shared\/cli\//,
    mayImport: SHARED,
    advice: 'A command may import all of shared/ and nothing outside it.',
  },
  index: {
    files: /^shared\/index\.ts$/,
    mayImport: BELOW_CLI,
    advice: 'index.ts names the public API; commands are no part of it.',
  },
  nodeRed: {
    files: /^node-red-node\//,
    mayImport: ['client', 'protocol'],
    advice:
      'The nodes are thin clients: import @nigaoe/nigaoe/bridge/client or its protocol, and let the bridge work.',
  },
  figma: {
    files: /^figma-plugin\//,
    mayImport: ['protocol'],
    advice:
      'The plugin runs in a browser: it speaks shared/bridge/protocol.ts and calls the bridge for the rest.',
  },
  examples: {
    files: /^examples\//,
    mayImport: SHARED,
    advice: 'An example shows the library to a reader: import shared/ only.',
  },
  bench: {
    files: /^bench\//,
    mayImport: [...SHARED, 'test', 'examples'],
    advice: 'A measurement may import shared/, fixtures and examples.',
  },
  test: {
    files: /^test\//,
    mayImport: [...SHARED, 'nodeRed', 'figma', 'examples', 'bench'],
    advice: 'Tests may import everything.',
  },
};

/** A package (or family of packages) that only some files may import. */
export interface Door {
  packages: RegExp;
  files: RegExp;
  advice: string;
}

export const DOORS: readonly Door[] = [
  {
    packages: /^(sharp|@img\/.+)$/,
    files: /^(shared\/photo|bench|test)\//,
    advice: 'sharp has one door, shared/photo/: use decodePhoto and encodePhoto, or add a function there.',
  },
  {
    packages: /^onnxruntime-/,
    files: /^(shared\/models\/session\.ts$|bench\/|test\/)/,
    advice: 'onnxruntime has one door, shared/models/session.ts: ask it for a session.',
  },
  {
    packages: /^(bullmq|ioredis)$/,
    files: /^(shared\/bridge\/fleet|bench|test)\//,
    advice:
      'Users without a fleet do not have these packages: only shared/bridge/fleet/ may load them, where they are asked for.',
  },
  {
    packages: /^@vladmandic\//,
    files: /^(shared\/models\/embedded|bench|test)\//,
    advice: 'These weights are converted when the package is built: only shared/models/embedded/ reads them.',
  },
];

/** Files that run outside Node.js: they, and all that they import, do without `node:` modules. */
export const OUTSIDE_NODE = /^(shared\/bridge\/protocol|figma-plugin\/(main|ui|messages))/;
/** Files that run on the maker's machine only, and may import devDependencies. */
export const BUILD_TIME = /^shared\/models\/embedded\//;
