// Texts for Figma's notices, which show a hundred characters.

const MOST_CHARACTERS = 100;

export function cut(text: string, most = MOST_CHARACTERS): string {
  return text.length <= most ? text : text.slice(0, Math.max(0, most - 1)).trimEnd() + '…';
}

/** A layer's name in quotes between two texts, as much of it as there is room for. */
export function fitName(before: string, name: string, after: string): string {
  return `${before}“${cut(name, MOST_CHARACTERS - before.length - after.length - 2)}”${after}`;
}
