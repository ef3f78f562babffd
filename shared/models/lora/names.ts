// The keys of LoRA files in all the spellings that people share: which network, which module of it, and which part of the change.

/** The networks of a Stable Diffusion folder that LoRAs change. */
export type LoraNetwork = 'unet' | 'text_encoder' | 'text_encoder_2';
/** What a tensor is for: `down` and `up` are the factors, `mid` lies between them; the others make LoHa's product. */
export type LoraPart = 'down' | 'up' | 'mid' | 'alpha' | 'w1_a' | 'w1_b' | 'w2_a' | 'w2_b';

export interface LoraKey {
  network: LoraNetwork;
  /** Module path of diffusers with underscores for dots, as kohya writes it: what it stands for is found in the graph. */
  module: string;
  part: LoraPart;
}

/**
 * The path of a module as it is compared: dots and underscores are one, and `text_model`, which newer exports leave out, is none.
 */
export const flatModule = (path: string): string => path.replaceAll('.', '_').replace(/^text_model_/, '');

/** What a key says; undefined for one of no known spelling. Positional keys are read by `positionalKey`. */
export function parseLoraKey(key: string): LoraKey | undefined {
  for (const { pattern, part } of PARTS) {
    const match = pattern.exec(key);
    if (match === null) continue;
    const { network, path } = networkOf(key.slice(0, match.index));
    const named = part ?? NAMED[match[1]];
    return named && { network, module: flatModule(moduleOf(path)), part: named };
  }
  return undefined;
}

/** What the end of a key says of its part, per spelling. */
const PARTS: readonly { pattern: RegExp; part?: LoraPart }[] = [
  { pattern: /\.lora_(down|up|mid|A|B)(?:\.default)?\.weight$/ },
  // diffusers of 2023: `to_q_lora.down.weight` beside its map, `lora_linear_layer.up.weight` within.
  { pattern: /\.lora_linear_layer\.(down|up)\.weight$/ },
  { pattern: /[._]lora\.(down|up)\.weight$/ },
  { pattern: /\.alpha$/, part: 'alpha' },
  { pattern: /\.hada_(w1_a|w1_b|w2_a|w2_b)$/ },
];
const NAMED: Readonly<Record<string, LoraPart>> = {
  ...{ down: 'down', A: 'down', up: 'up', B: 'up', mid: 'mid' },
  ...{ w1_a: 'w1_a', w1_b: 'w1_b', w2_a: 'w2_a', w2_b: 'w2_b' },
};

const PREFIXES: readonly (readonly [prefix: RegExp, network: LoraNetwork])[] = [
  [/^lora_unet_/, 'unet'],
  [/^lora_te2_/, 'text_encoder_2'],
  [/^lora_te1?_/, 'text_encoder'],
  [/^unet\./, 'unet'],
  [/^text_encoder_2\./, 'text_encoder_2'],
  [/^text_encoder\./, 'text_encoder'],
  [/^base_model\.model\.(?=text_model\.)/, 'text_encoder'],
  [/^base_model\.model\./, 'unet'],
  [/^(?=text_model\.)/, 'text_encoder'],
  // Early files of diffusers name nothing but the path within the UNet.
  [/^/, 'unet'],
];

function networkOf(key: string): { network: LoraNetwork; path: string } {
  const [prefix, network] = PREFIXES.find(([each]) => each.test(key)) as (typeof PREFIXES)[number];
  return { network, path: key.replace(prefix, '') };
}

/** The module itself: without diffusers' processors, and by diffusers' names where the key has those of the original code. */
function moduleOf(path: string): string {
  const bare = path
    .replace(/\.processor\./, '.')
    .replace(/\.processor$/, '')
    // CLIP's maps have other names than the UNet's, which early files give to both.
    .replace(/self_attn\.to_(q|k|v|out)$/, 'self_attn.$1_proj')
    .replace(/(\.|_)to_out$/, '$1to_out$10');
  return /^(input_blocks|middle_block|output_blocks|time_embed|out)[._]/.test(bare)
    ? fromOriginal(bare)
    : bare;
}

/** Layers of a block in Stable Diffusion's networks. */
const PER_BLOCK = 2;

/** A path of the original code (input_blocks.4.1...) in diffusers' words, underscores for dots. */
function fromOriginal(path: string): string {
  const flat = path.replaceAll('.', '_');
  const [, part, first, second, rest] =
    /^(input_blocks|output_blocks|middle_block)_(\d+)(?:_(\d+))?(?:_(.*))?$/.exec(flat) ?? [];
  const [outer, inner] = [Number(first), Number(second)];
  if (part === 'input_blocks') {
    if (outer === 0) return 'conv_in';
    const [block, layer] = [Math.floor((outer - 1) / (PER_BLOCK + 1)), (outer - 1) % (PER_BLOCK + 1)];
    if (rest === 'op') return `down_blocks_${block}_downsamplers_0_conv`;
    return `down_blocks_${block}_${within(inner === 0, layer, rest)}`;
  }
  if (part === 'output_blocks') {
    const [block, layer] = [Math.floor(outer / (PER_BLOCK + 1)), outer % (PER_BLOCK + 1)];
    if (rest === 'conv') return `up_blocks_${block}_upsamplers_0_conv`;
    return `up_blocks_${block}_${within(inner === 0, layer, rest)}`;
  }
  if (part === 'middle_block') {
    const tail = [second, rest].filter((each) => each !== undefined).join('_');
    return `mid_block_${within(outer !== 1, outer === 2 ? 1 : 0, tail)}`;
  }
  return flat
    .replace(/^time_embed_0/, 'time_embedding_linear_1')
    .replace(/^time_embed_2/, 'time_embedding_linear_2')
    .replace(/^out_2/, 'conv_out');
}

const RESNET: Readonly<Record<string, string>> = {
  ...{ in_layers_0: 'norm1', in_layers_2: 'conv1', out_layers_0: 'norm2', out_layers_3: 'conv2' },
  ...{ emb_layers_1: 'time_emb_proj', skip_connection: 'conv_shortcut' },
};

const within = (isResnet: boolean, layer: number, rest = ''): string =>
  isResnet ? `resnets_${layer}_${RESNET[rest] ?? rest}` : `attentions_${layer}_${rest}`;

/** What the positional key `unet:17:up` of cloneofsimo's files says of Stable Diffusion 1's networks. */
export function positionalKey(key: string): LoraKey | undefined {
  const [, network, place, part] = /^(unet|text_encoder):(\d+):(up|down)$/.exec(key) ?? [];
  const module = (network === 'unet' ? UNET_ORDER : TEXT_ORDER)[Number(place)];
  if (module === undefined) return undefined;
  return { network: network as LoraNetwork, module: flatModule(module), part: part as LoraPart };
}

const numbered = (count: number, name: (at: number) => string): string[] =>
  Array.from({ length: count }, (_, at) => name(at));

/** In the order in which the modules were registered: down, up, mid. */
const UNET_ORDER: readonly string[] = [
  ...[0, 1, 2].flatMap((block) => numbered(2, (at) => `down_blocks.${block}.attentions.${at}`)),
  ...[1, 2, 3].flatMap((block) => numbered(3, (at) => `up_blocks.${block}.attentions.${at}`)),
  'mid_block.attentions.0',
].flatMap((attentions) =>
  [
    ...['to_q', 'to_k', 'to_v', 'to_out.0'].map((map) => `attn1.${map}`),
    'ff.net.0.proj',
    ...['to_q', 'to_k', 'to_v', 'to_out.0'].map((map) => `attn2.${map}`),
  ].map((module) => `${attentions}.transformer_blocks.0.${module}`),
);

/** Layers of CLIP ViT-L and ViT-H together are no more. */
const TEXT_ORDER: readonly string[] = numbered(24, (layer) => `text_model.encoder.layers.${layer}`).flatMap(
  (layer) => ['k_proj', 'v_proj', 'q_proj', 'out_proj'].map((map) => `${layer}.self_attn.${map}`),
);
