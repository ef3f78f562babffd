// The ONNX protobuf messages as a table of fields (source: onnx/onnx.proto, IR version 13), and the codec made of it.

import protobuf from 'protobufjs';

/** `[field number, type]`; a type that ends in [] repeats, one that starts with + is packed on the wire. */
type FieldRow = readonly [number, string];

const MESSAGES: Record<string, Record<string, FieldRow>> = {
  Model: {
    irVersion: [1, 'int64'],
    producerName: [2, 'string'],
    producerVersion: [3, 'string'],
    domain: [4, 'string'],
    modelVersion: [5, 'int64'],
    docString: [6, 'string'],
    graph: [7, 'Graph'],
    opsetImport: [8, 'OperatorSet[]'],
    metadataProps: [14, 'StringEntry[]'],
    trainingInfo: [20, 'TrainingInfo[]'],
    functions: [25, 'Function[]'],
  },
  OperatorSet: { domain: [1, 'string'], version: [2, 'int64'] },
  StringEntry: { key: [1, 'string'], value: [2, 'string'] },
  TrainingInfo: {
    initialization: [1, 'Graph'],
    algorithm: [2, 'Graph'],
    initializationBinding: [3, 'StringEntry[]'],
    updateBinding: [4, 'StringEntry[]'],
  },
  Function: {
    name: [1, 'string'],
    input: [4, 'string[]'],
    output: [5, 'string[]'],
    attribute: [6, 'string[]'],
    node: [7, 'Node[]'],
    docString: [8, 'string'],
    opsetImport: [9, 'OperatorSet[]'],
    domain: [10, 'string'],
    attributeProto: [11, 'Attribute[]'],
    valueInfo: [12, 'ValueInfo[]'],
    overload: [13, 'string'],
    metadataProps: [14, 'StringEntry[]'],
  },
  Graph: {
    node: [1, 'Node[]'],
    name: [2, 'string'],
    initializer: [5, 'TensorProto[]'],
    docString: [10, 'string'],
    input: [11, 'ValueInfo[]'],
    output: [12, 'ValueInfo[]'],
    valueInfo: [13, 'ValueInfo[]'],
    quantizationAnnotation: [14, 'TensorAnnotation[]'],
    sparseInitializer: [15, 'SparseTensor[]'],
    metadataProps: [16, 'StringEntry[]'],
  },
  Node: {
    input: [1, 'string[]'],
    output: [2, 'string[]'],
    name: [3, 'string'],
    opType: [4, 'string'],
    attribute: [5, 'Attribute[]'],
    docString: [6, 'string'],
    domain: [7, 'string'],
    overload: [8, 'string'],
    metadataProps: [9, 'StringEntry[]'],
  },
  Attribute: {
    name: [1, 'string'],
    f: [2, 'float'],
    i: [3, 'int64'],
    s: [4, 'bytes'],
    t: [5, 'TensorProto'],
    g: [6, 'Graph'],
    floats: [7, 'float[]'],
    ints: [8, 'int64[]'],
    strings: [9, 'bytes[]'],
    tensors: [10, 'TensorProto[]'],
    graphs: [11, 'Graph[]'],
    docString: [13, 'string'],
    tp: [14, 'Type'],
    typeProtos: [15, 'Type[]'],
    type: [20, 'int32'],
    refAttrName: [21, 'string'],
    sparseTensor: [22, 'SparseTensor'],
    sparseTensors: [23, 'SparseTensor[]'],
  },
  ValueInfo: {
    name: [1, 'string'],
    type: [2, 'Type'],
    docString: [3, 'string'],
    metadataProps: [4, 'StringEntry[]'],
  },
  Type: {
    tensorType: [1, 'TensorType'],
    sequenceType: [4, 'ElementType'],
    mapType: [5, 'MapType'],
    denotation: [6, 'string'],
    sparseTensorType: [8, 'TensorType'],
    optionalType: [9, 'ElementType'],
  },
  TensorType: { elemType: [1, 'int32'], shape: [2, 'Shape'] },
  ElementType: { elemType: [1, 'Type'] },
  MapType: { keyType: [1, 'int32'], valueType: [2, 'Type'] },
  Shape: { dim: [1, 'Dim[]'] },
  Dim: { dimValue: [1, 'int64'], dimParam: [2, 'string'], denotation: [3, 'string'] },
  TensorProto: {
    dims: [1, 'int64[]'],
    dataType: [2, 'int32'],
    segment: [3, 'Segment'],
    floatData: [4, '+float[]'],
    int32Data: [5, '+int32[]'],
    stringData: [6, 'bytes[]'],
    int64Data: [7, '+int64[]'],
    name: [8, 'string'],
    rawData: [9, 'bytes'],
    doubleData: [10, '+double[]'],
    uint64Data: [11, '+uint64[]'],
    docString: [12, 'string'],
    externalData: [13, 'StringEntry[]'],
    dataLocation: [14, 'int32'],
    metadataProps: [16, 'StringEntry[]'],
  },
  Segment: { begin: [1, 'int64'], end: [2, 'int64'] },
  SparseTensor: { values: [1, 'TensorProto'], indices: [2, 'TensorProto'], dims: [3, 'int64[]'] },
  TensorAnnotation: { tensorName: [1, 'string'], quantParameterTensorNames: [2, 'StringEntry[]'] },
};

/** Codec of the whole file (message ModelProto). */
export const MODEL_CODEC: protobuf.Type = buildRoot().lookupType('Model');

function buildRoot(): protobuf.Root {
  const nested = Object.entries(MESSAGES).map(
    ([name, fields]) => [name, { fields: fieldsOf(fields) }] as const,
  );
  return protobuf.Root.fromJSON({ nested: Object.fromEntries(nested) });
}

function fieldsOf(rows: Record<string, FieldRow>): Record<string, protobuf.IField> {
  return Object.fromEntries(
    Object.entries(rows).map(([name, [id, spelled]]) => {
      const type = spelled.replace('+', '').replace('[]', '');
      const repeated = spelled.endsWith('[]') ? { rule: 'repeated' } : {};
      return [name, { id, type, ...repeated, options: { packed: spelled.startsWith('+') } }];
    }),
  );
}
