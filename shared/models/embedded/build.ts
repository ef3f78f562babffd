// Build step: converts the MIT-licensed weights of @vladmandic/face-api into the two ONNX files that ship embedded.

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type OnnxModel, writeOnnx } from '../onnx/file.js';
import { detectorGraph } from './detector.js';
import { landmarksGraph } from './landmarks.js';
import { readFaceApiWeights } from './weights.js';

const NOTICE = {
  licence: 'MIT',
  source: 'Converted from the weights of @vladmandic/face-api (MIT) and face-api.js (MIT, Vincent Mühler)',
};

function write(file: string, model: OnnxModel): void {
  const metadataProps = Object.entries(NOTICE).map(([key, value]) => ({ key, value }));
  writeFileSync(fileURLToPath(new URL(file, import.meta.url)), writeOnnx({ ...model, metadataProps }));
}

write('embedded-detector.onnx', detectorGraph(readFaceApiWeights('tiny_face_detector_model')));
write('embedded-landmarks.onnx', landmarksGraph(readFaceApiWeights('face_landmark_68_model')));
