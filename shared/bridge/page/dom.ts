// The few ways in which the page's files build and find elements.

/** The element of index.html with this id; its kind is checked, so that both files agree. */
export function find<Kind extends Element>(id: string, kind: new () => Kind): Kind {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`Expected an element ${id} in index.html`);
  return element;
}

/** A new element with properties and children; texts become text, never markup. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Partial<HTMLElementTagNameMap[Tag]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** A sentence in which `words` stand as code. */
export function sentence(text: string): Node[] {
  return text
    .split('`')
    .map((part, index) => (index % 2 === 1 ? make('code', {}, part) : document.createTextNode(part)));
}

/** With a full stop where it has no other end. */
export function ended(text: string): string {
  return /^$|[.!?…]$/.test(text) ? text : text + '.';
}

export function show(element: HTMLElement, shown: boolean): void {
  element.hidden = !shown;
}

/** Moves the focus on where what had it is gone: the keyboard would start at the top of the page again. */
export function keepFocus(had: Element | null, next: HTMLElement): void {
  const stays = had !== null && had !== document.body && had.checkVisibility() && !had.matches(':disabled');
  if (!stays) next.focus({ preventScroll: true });
}
