// What the catalogue says of a model: plain data, the same for models of the catalogue and for imported ones.

/** One file of a model. `gitBlob` is git's object id: sha1 of "blob <size>\0" + content. */
export interface ModelFile {
  /** File name in the store, in mirrors and in messages. */
  name: string;
  /** Where it is published, tried in order after the mirror. */
  urls: string[];
  sha256?: string;
  gitBlob?: string;
  /** Size; may be left out where `gitBlob` pins it: git's object id covers the size. */
  bytes?: number;
}

export interface Licence {
  /** Short name, an SPDX id where there is one. */
  name: string;
  /** Whether pictures may be used commercially; false puts the model behind the licence gate. */
  commercial: boolean;
  /** Sentence before the user's eyes; it goes into a result's metadata too where commercial use is forbidden. */
  notice: string;
}

/** How a generator network wants its pixels. */
export interface GeneratorIo {
  layout: 'nchw' | 'nhwc';
  channels: 'rgb' | 'bgr';
  /** Values of black and white. */
  range: readonly [number, number];
}

/** Sides that a generator takes. */
export interface Side {
  multipleOf: number;
  minPx: number;
  maxPx: number;
  /** Smallest mean side of a face, in photo pixels, that is still drawn as a face; no limit where it is absent. */
  minFacePx?: number;
}

interface EntryBasics {
  id: string;
  /** One line for `models list`. */
  title: string;
  files: ModelFile[];
  licence: Licence;
  /** Page where the model comes from. */
  source: string;
}

/** The network whose weights a checkpoint holds: the file is kept as it was published and made a graph when it is opened. */
interface CheckpointOf {
  /** Id of the architecture that its keys and shapes must be of. */
  architecture: string;
  /** What they do not tell; see `ArchitectureOptions`. */
  alignCorners?: boolean;
  blocks?: number;
  /** Prefix of the network's keys, where one file holds several networks. */
  part?: string;
}

/** What was measured when the convolutions of a style were turned into int8. */
export interface Quantized {
  /** How near its drawings are to those of the float32 style, on pictures held back. */
  psnrDb: number;
  /** How often as fast it drew where it was made. */
  timesAsFast: number;
  /** What that processor had for int8: `AVX2 without VNNI`. */
  measuredOn: string;
  /** Convolutions that work on bytes, and all. */
  layers: number;
  allLayers: number;
}

/** A feed-forward picture-to-picture network. */
export interface GanEntry extends EntryBasics {
  kind: 'gan';
  /** Only where the file is a checkpoint; all others are ONNX. */
  checkpoint?: CheckpointOf;
  io: GeneratorIo;
  side: Side;
  /** What scope `auto` means for this style. */
  scope: 'photo' | 'faces' | 'portrait';
  /** Only where it was made of a float32 style. */
  quantized?: Quantized;
}

/** A style that is an algorithm, not weights. */
export interface ProceduralEntry extends EntryBasics {
  kind: 'procedural';
  side: Side;
  scope: 'photo' | 'faces' | 'portrait';
}

/** A face detector; how its output is read is named by `decoder`. */
export interface DetectorEntry extends EntryBasics {
  kind: 'detector';
  decoder: 'tiny-yolo' | 'yunet';
  /** The highest wins: `auto` takes it among the networks that are present. */
  rank: number;
}

/** A landmark network; how it wants its square crop is data. */
export interface LandmarkEntry extends EntryBasics {
  kind: 'landmarks';
  /** As for detectors. */
  rank: number;
  input: {
    sidePx: number;
    channels: 'rgb' | 'bgr';
    /** value = (byte - mean) / scale. */
    mean: readonly [number, number, number];
    scale: number;
    /** Side of the square crop as a multiple of the mean side of the face box. */
    boxScale: number;
    /** Shift of the crop's centre in units of its side (x right, y down). */
    shift: readonly [number, number];
  };
  output: {
    points: 68 | 98;
    /** Constant error of the network in units of the crop's side, taken away from every point. */
    bias: readonly [number, number];
  };
}

export type StyleEntry = GanEntry | ProceduralEntry;
export type ModelEntry = StyleEntry | DetectorEntry | LandmarkEntry;
export type ModelKind = ModelEntry['kind'];

export function isStyle(entry: ModelEntry): entry is StyleEntry {
  return entry.kind === 'gan' || entry.kind === 'procedural';
}
