// nigaoe's public library: photos in, drawn pictures out.

export { type BlendOptions, blendCrop } from './blend/crop.js';
export type { Crop } from './crop/crop.js';
export { type CropOptions, cropFace } from './crop/face.js';
export { cropWhole } from './crop/whole.js';
export { FAILURES, type Failure, type FailureCode, NigaoeError } from './errors.js';
export type { Box, Face } from './faces/face.js';
export {
  type FaceFinder,
  type FinderOptions,
  type FindOptions,
  findFaces,
  openFaceFinder,
} from './faces/finder.js';
export { drawLandmarks } from './faces/overlay.js';
export type { DrawnFrame, Frame } from './film/frame.js';
export type { ShotMemory } from './film/memory.js';
export type { Generator, Run, Statistics } from './generators/generator.js';
export {
  type LabelledGenerator,
  type LabelledOptions,
  type LabelledWish,
  openLabelledGenerator,
} from './generators/labelled.js';
export {
  type LatentGenerator,
  latentOf,
  openLatentGenerator,
  walk,
} from './generators/latent.js';
export { type OpenGeneratorOptions, openGenerator } from './generators/open.js';
export type { Canvas, Part } from './generators/parts/canvas.js';
export { type IsolatedStylizer, type IsolationOptions, openIsolatedStylizer } from './isolated.js';
export type { JobRun, Picture, Progress, Stage, StylizeResult, Timings } from './job.js';
export type { RealDevice } from './models/device.js';
export type { GeneratorIo, Licence, ModelEntry, Side } from './models/entry.js';
export { type ImportOptions, importModel } from './models/imports/import-model.js';
export type { StoreOptions } from './models/store/settings.js';
export { type ModelStore, openStore } from './models/store/store.js';
export { DEVICES, OPTIONS, type Options, type PartialOptions, parseOptions } from './options.js';
export type { Affine, Point } from './photo/affine.js';
export { type DecodeOptions, decodePhoto } from './photo/decode.js';
export { type EncodedPhoto, type EncodeOptions, encodePhoto } from './photo/encode.js';
export type { InputFormat, OutputFormat, Photo, PhotoMetadata } from './photo/photo.js';
export type { Provenance } from './photo/provenance.js';
export { type FilmStylizer, openStylizer, type Stylizer, type StylizerOptions } from './stylizer.js';
export type { Tensor } from './tensor.js';
export { RECIPES } from './train/recipes/table.js';
export { type PartialSettings, SETTINGS } from './train/settings.js';
export { VERSION } from './version.js';
export { type Outcome, type TrainingProgress, type TrainOptions, train } from './workshop/train.js';
