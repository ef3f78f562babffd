// Where a picture comes from, written into it: an XMP packet for every format, text chunks for PNG as well.

import { type PngChunk, textChunk } from './png-chunks.js';

/**
 * How a picture came about, in the words of the IPTC (https://cv.iptc.org/newscodes/digitalsourcetype/): a photo with
 * parts drawn by a trained model, one changed by a fixed algorithm, or one that a trained model made from nothing.
 */
export type DigitalSourceType =
  | 'compositeWithTrainedAlgorithmicMedia'
  | 'algorithmicallyEnhanced'
  | 'trainedAlgorithmicMedia';

/** Who drew a picture and how. */
export interface Provenance {
  /** Program and version: `nigaoe 0.1.0`. */
  program: string;
  /** The style that the picture is drawn in. */
  style: string;
  /** What the licence of the style's model asks to be said; absent where it asks nothing. */
  licenceNotice?: string;
  digitalSourceType: DigitalSourceType;
}

/** The XMP packet of a provenance; any text is escaped. */
export function xmpPacket(provenance: Provenance): string {
  const { program, licenceNotice, digitalSourceType } = provenance;
  const notice = licenceNotice === undefined ? '' : rights(licenceNotice);
  return `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/"
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">
   <xmp:CreatorTool>${escapeXml(program)}</xmp:CreatorTool>
   <dc:description>${inDefaultLanguage(describe(provenance))}</dc:description>${notice}
   <Iptc4xmpExt:DigitalSourceType>${SOURCE_TYPE_URL}${escapeXml(digitalSourceType)}</Iptc4xmpExt:DigitalSourceType>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>`;
}
const SOURCE_TYPE_URL = 'http://cv.iptc.org/newscodes/digitalsourcetype/';

/** The same as PNG text chunks, which programs without XMP show; keywords as registered by the PNG specification. */
export function provenanceChunks(provenance: Provenance): PngChunk[] {
  const { program, style, licenceNotice } = provenance;
  const texts = [
    textChunk('Software', program),
    textChunk('Description', describe(provenance)),
    textChunk('Style', style),
  ];
  return licenceNotice === undefined ? texts : [...texts, textChunk('Copyright', licenceNotice)];
}

function describe({ program, style }: Provenance): string {
  return `Drawn in the style ${style} by ${program}`;
}

function rights(notice: string): string {
  const text = inDefaultLanguage(notice);
  return `
   <dc:rights>${text}</dc:rights>
   <xmpRights:UsageTerms>${text}</xmpRights:UsageTerms>`;
}

function inDefaultLanguage(text: string): string {
  return `<rdf:Alt><rdf:li xml:lang="x-default">${escapeXml(text)}</rdf:li></rdf:Alt>`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Markup becomes entities; what XML 1.0 cannot hold at all (control characters, lone surrogates) becomes U+FFFD. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"]/g, (mark) => ENTITIES[mark]);
}
